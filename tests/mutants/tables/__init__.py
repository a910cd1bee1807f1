"""All sabotages, by the part of the product that they break."""

from tests.mutants.tables import deliveries, effects, endings, judgement, money, notifications, posts, quotes, tenants

MUTANTS = (
    *deliveries.MUTANTS,
    *effects.MUTANTS,
    *endings.MUTANTS,
    *posts.MUTANTS,
    *judgement.MUTANTS,
    *money.MUTANTS,
    *notifications.MUTANTS,
    *quotes.MUTANTS,
    *tenants.MUTANTS,
)
