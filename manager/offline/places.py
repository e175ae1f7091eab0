"""The places whose time the offline model can tell, by their time zones."""

from models.offline.skill import vocabulary

PLACES = vocabulary("""
    Europe/London: london | england | britain | uk | the uk | united kingdom
    Europe/Paris: paris | france
    Europe/Berlin: berlin | germany | munich | hamburg | frankfurt
    Europe/Madrid: madrid | spain | barcelona
    Europe/Rome: rome | italy | milan
    Europe/Amsterdam: amsterdam | netherlands
    Europe/Zurich: zurich | switzerland | geneva
    Europe/Vienna: vienna | austria
    Europe/Stockholm: stockholm | sweden
    Europe/Oslo: oslo | norway
    Europe/Copenhagen: copenhagen | denmark
    Europe/Helsinki: helsinki | finland
    Europe/Dublin: dublin | ireland
    Europe/Lisbon: lisbon | portugal
    Europe/Warsaw: warsaw | poland
    Europe/Prague: prague
    Europe/Athens: athens | greece
    Europe/Istanbul: istanbul
    Europe/Kyiv: kyiv | kiev | ukraine
    Europe/Moscow: moscow
    Europe/Brussels: brussels | belgium
    America/New_York: new york | nyc | new york city | boston | washington | miami | est | eastern time
        atlanta | america/new york
    America/Chicago: chicago | dallas | houston | texas | cst | central time
    America/Denver: denver | mountain time
    America/Los_Angeles: los angeles | la | san francisco | seattle | california | pst | pacific time
        silicon valley | las vegas | san diego
    America/Toronto: toronto | montreal | ottawa
    America/Vancouver: vancouver
    America/Mexico_City: mexico city | mexico
    America/Sao_Paulo: sao paulo | brazil | rio | rio de janeiro
    America/Argentina/Buenos_Aires: buenos aires | argentina
    America/Bogota: bogota
    America/Lima: lima | peru
    America/Santiago: santiago
    Pacific/Honolulu: honolulu | hawaii
    Asia/Tokyo: tokyo | japan | osaka | kyoto
    Asia/Seoul: seoul | korea | south korea
    Asia/Shanghai: shanghai | beijing | china | shenzhen
    Asia/Hong_Kong: hong kong
    Asia/Singapore: singapore
    Asia/Taipei: taipei | taiwan
    Asia/Manila: manila
    Asia/Kolkata: india | mumbai | delhi | new delhi | bangalore | kolkata | chennai
    Asia/Karachi: karachi
    Asia/Dhaka: dhaka
    Asia/Dubai: dubai | abu dhabi
    Asia/Jerusalem: jerusalem | israel
    Asia/Bangkok: bangkok | thailand
    Asia/Jakarta: jakarta
    Asia/Ho_Chi_Minh: hanoi | vietnam | saigon
    Asia/Riyadh: riyadh
    Asia/Tehran: tehran
    Africa/Cairo: cairo | egypt
    Africa/Lagos: lagos | nigeria
    Africa/Nairobi: nairobi | kenya
    Africa/Johannesburg: johannesburg | cape town | south africa
    Africa/Casablanca: casablanca
    Australia/Sydney: sydney | canberra
    Australia/Melbourne: melbourne
    Australia/Brisbane: brisbane
    Australia/Perth: perth
    Pacific/Auckland: auckland | new zealand | wellington
    UTC: utc | gmt | greenwich
""")
