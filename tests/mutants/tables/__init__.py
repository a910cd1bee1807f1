"""All sabotages, by the part of the product that they break."""

from tests.mutants.tables import (
    context,
    criteria,
    deliveries,
    effects,
    endings,
    judgement,
    money,
    notifications,
    operations,
    posts,
    quotes,
    suggestions,
    tenants,
)

MUTANTS = (
    *context.MUTANTS,
    *criteria.MUTANTS,
    *deliveries.MUTANTS,
    *effects.MUTANTS,
    *endings.MUTANTS,
    *posts.MUTANTS,
    *judgement.MUTANTS,
    *money.MUTANTS,
    *operations.MUTANTS,
    *notifications.MUTANTS,
    *quotes.MUTANTS,
    *suggestions.MUTANTS,
    *tenants.MUTANTS,
)
