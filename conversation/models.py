"""Who may be asked to answer: the models that are offered where a person chooses one."""

from models.factory import PROVIDERS


def offered() -> tuple[str, ...]:
    """Names of models, one or more of a provider."""
    return tuple(name for provider in PROVIDERS for name in provider.offered)
