"""`cost`: shows what this pull request has cost, by model, and the rest of the budget."""

from app.reporters.text.phrases import cost as dollars
from app.reporters.text.safety import line
from app.store.spending import ledger_calls
from app.store.spending.ledger_calls import CostAccount
from app.work.commands.context import CommandContext


async def cost(context: CommandContext) -> str:
    job = context.job
    async with context.services.database.read() as connection:
        spent = await ledger_calls.by_model(connection, CostAccount(context.claim.job_id, job.repository.id, job.number))
    total, calls = sum(spending.usd for spending in spent), sum(spending.calls for spending in spent)
    if not calls:
        return f"This pull request has cost nothing yet. {line(str(await context.ledger('').month()))}."
    rows = [f"| {each.model or 'unknown'} | {each.calls} | {each.tokens:,} | {dollars(each.usd)} |" for each in spent]
    table = "\n".join(["| Model | Calls | Tokens | Cost |", "|---|--:|--:|--:|", *rows])
    limit = context.grounds.config.limits.pull_request_usd
    cap = f" of ${limit:.2f} for one pull request" if limit is not None else ""
    # GitHub renders two dollar signs in one line as a formula.
    return f"### {line(f'Council: {dollars(total)}{cap}')}\n\n{table}\n\n{line(str(await context.ledger('').month()))}."
