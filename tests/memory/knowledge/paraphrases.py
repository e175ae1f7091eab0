"""Twenty things to remember, each with a question that shares hardly a word with it; written before any was asked."""

PARAPHRASES = (
    ("The user is allergic to peanuts and shellfish.", "what food makes her sick"),
    ("Her flight to Lisbon leaves on Friday at seven in the morning.", "when does the plane depart"),
    ("He prefers dark roast coffee without sugar.", "how does he like his espresso"),
    ("The quarterly revenue rose by twelve percent.", "how much did sales grow"),
    ("Their daughter Mia started primary school in September.", "kids and education"),
    ("The production database is backed up every night to a second site.", "how are copies of our data kept safe"),
    ("She drives an old electric car that needs charging twice a week.", "what vehicle does she own"),
    ("The meeting with the lawyers was moved to Tuesday afternoon.", "appointment with attorneys rescheduled"),
    ("He broke his leg while skiing last winter.", "injury from a sports accident"),
    ("The landlord agreed to repair the heating before November.", "who fixes the radiators in the apartment"),
    ("Her favourite painter is Claude Monet.", "art she enjoys"),
    ("Unit tests must pass before anything is merged.", "rules for accepting a pull request"),
    ("The customer wants a refund for the broken headphones.", "client asks for money back"),
    ("He learned to cook Thai curry from his grandmother.", "recipes from relatives"),
    ("The dog has to take antibiotics until Sunday.", "medicine for the pet"),
    ("Rain is expected over the whole weekend.", "weather forecast for Saturday"),
    ("She is saving to buy a house near the sea.", "plans for a home at the coast"),
    ("The team uses Python for services and Rust for the parser.", "which programming languages do we write"),
    ("He plays the violin in an amateur orchestra.", "what musical instrument does he practise"),
    ("The password of the guest network is changed each month.", "wifi login for visitors"),
)
"""What is remembered, and how it is asked for."""
