"""All sabotages, by the part of the product that they break."""

from tests.mutants.tables import deliveries, judgement, money, quotes, tenants

MUTANTS = (*deliveries.MUTANTS, *judgement.MUTANTS, *money.MUTANTS, *quotes.MUTANTS, *tenants.MUTANTS)
