import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'

/** True if a row of staged_trade or staged_refund has unclear values that no person has accepted. */
export const isDoubtful = (row: RawBuilder<unknown>) =>
  sql`(${row}.doubts is not null and not coalesce(${row}.doubts_taken @> ${row}.doubts, false))`

/** The unclear values of a row for display, each with whether a person has accepted it. */
export const doubtsShown = (row: RawBuilder<unknown>) => sql`
  case when ${row}.doubts is null then '[]'::jsonb else (
    select jsonb_agg(d || jsonb_build_object('taken', coalesce(${row}.doubts_taken @> jsonb_build_array(d), false)) order by n)
    from jsonb_array_elements(${row}.doubts) with ordinality x (d, n)) end`

type StagedTable = 'staged_trade' | 'staged_refund'

export type DoubtfulRow = Row<StagedTable, 'id' | 'tid' | 'state'> & {
  shop_id: Rows[StagedTable]['shopId']
  no: Rows['staged_trade']['tid'] | Rows['staged_refund']['refundNo']
  modified_at: Rows[StagedTable]['modifiedAt']
  doubtful: boolean
  fields: string[]
}

const numberOf = { staged_trade: sql.ref('tid'), staged_refund: sql.ref('refund_no') }

export async function lockDoubtful(
  tx: Tx,
  pool: StagedTable,
  ids: readonly string[],
  scope: Scope,
): Promise<DoubtfulRow[]> {
  const found = await sql<DoubtfulRow>`
    select id, shop_id, ${numberOf[pool]} as no, tid, state, modified_at, ${isDoubtful(sql.ref('r'))} as doubtful,
      coalesce(array(select distinct d ->> 'field' from jsonb_array_elements(r.doubts) d order by 1), '{}') as fields
    from ${sql.table(pool)} r
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('shop_id'))}
    order by id for update`.execute(tx)
  return found.rows
}

export async function writeTaken(tx: Tx, pool: StagedTable, ids: readonly string[]): Promise<void> {
  await sql`update ${sql.table(pool)} set doubts_taken = doubts where id = any(${[...ids]}::bigint[])`.execute(
    tx,
  )
}
