import { sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { ReturnEvent, ReturnStatus } from './lifecycle.ts'
import { addReturnEvents } from './queries.ts'

// This file is the only place that writes a return's status. The caller has locked the sales orders of the return.

export async function writeReturnStatus(
  tx: Tx,
  ids: readonly string[],
  move: { event: ReturnEvent; to: ReturnStatus; detail: Record<string, unknown> },
  actor: Actor,
): Promise<void> {
  const { event, to, detail } = move
  const reason = event === 'void' && typeof detail.reason === 'string' ? detail.reason : ''
  const confirms = to === 'unconfirmed' ? sql`null` : sql`confirmed_at`
  await sql`
    update return_order set status = ${to}, version = version + 1, void_reason = ${reason},
      confirmed_at = case when ${to} = 'confirmed' then now() else ${confirms} end,
      confirmed_by = case when ${to} = 'confirmed' then ${actor.name} when ${to} = 'unconfirmed' then null else confirmed_by end,
      received_at = case when ${to} = 'received' then now() else received_at end,
      received_by = case when ${to} = 'received' then ${actor.name} else received_by end,
      settled_at = case when ${to} = 'settled' then now() end,
      settled_by = case when ${to} = 'settled' then ${actor.name} end,
      voided_at = case when ${to} = 'voided' then now() end,
      voided_by = case when ${to} = 'voided' then ${actor.name} end
    where id = any(${[...ids]}::bigint[])`.execute(tx)
  await addReturnEvents(
    tx,
    ids.map((returnId) => ({ returnId, event, detail })),
    actor,
  )
}
