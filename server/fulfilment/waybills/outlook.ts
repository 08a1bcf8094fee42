import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import { type Decision, decideAccount } from './choose-account.ts'
import { accountTable, waitingParcels } from './parcel-facts.ts'

export type Outlook = {
  /** The number of deliveries that would get their number from each account, by the account's id. */
  counts: ReadonlyMap<string, number>
  /** Why the others would get none, with their number. */
  refused: { code: string; message: Refusal['message']; count: number }[]
}

/** Says from which account the deliveries that wait for a number would get it now. Writes nothing. */
export function outlook(db: Database, scope: Scope): Promise<Outlook> {
  return db.transaction().execute(async (tx) => {
    const table = await accountTable(tx)
    return outlookOf((await waitingParcels(tx, scope)).map((parcel) => decideAccount(table, parcel)))
  })
}

export function outlookOf(decisions: readonly Decision[]): Outlook {
  const served = decisions.flatMap(({ chosen }) => ('code' in chosen ? [] : [chosen.id]))
  const refusals = decisions.flatMap(({ chosen }) => ('code' in chosen ? [chosen] : []))
  return {
    counts: new Map([...Map.groupBy(served, (id) => id)].map(([id, some]) => [id, some.length])),
    refused: [...Map.groupBy(refusals, ({ code }) => code)].flatMap(([code, [first, ...others]]) =>
      first ? [{ code, message: first.message, count: others.length + 1 }] : [],
    ),
  }
}
