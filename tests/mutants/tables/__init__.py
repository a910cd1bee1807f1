"""All sabotages, by the part of the product that they break."""

from tests.mutants.tables import deliveries, effects, endings, judgement, money, operations, posts, quotes, tenants

MUTANTS = (
    *deliveries.MUTANTS,
    *effects.MUTANTS,
    *endings.MUTANTS,
    *posts.MUTANTS,
    *judgement.MUTANTS,
    *money.MUTANTS,
    *operations.MUTANTS,
    *quotes.MUTANTS,
    *tenants.MUTANTS,
)
