import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'

// This file is the only place that writes a wave's status. The caller has locked the wave.

export async function writeClaimed(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  await sql`
    update wave set status = 'picking', claimed_at = now(), claimed_by = ${actor.name}, claimed_by_id = ${actor.id}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

/** `isEmpty`: every delivery has left, so nothing is left to hand over. */
export async function writeWavePicked(tx: Tx, id: string, isEmpty: boolean, actor: Actor): Promise<void> {
  await sql`
    update wave set status = case when ${isEmpty} then 'done' else 'picked' end, picked_at = now(),
      done_at = case when ${isEmpty} then now() end, done_by = case when ${isEmpty} then ${actor.name} end
    where id = ${id}::bigint`.execute(tx)
}

export async function writeSorting(tx: Tx, id: string): Promise<void> {
  await sql`update wave set status = 'sorting' where id = ${id}::bigint`.execute(tx)
}

export async function writeDone(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  await sql`
    update wave set status = 'done', done_at = now(), done_by = ${actor.name} where id = any(${[...ids]}::bigint[])`.execute(
    tx,
  )
}

export async function writeCancelled(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  await sql`
    update wave set status = 'cancelled', cancelled_at = now(), cancelled_by = ${actor.name} where id = any(${[...ids]}::bigint[])`.execute(
    tx,
  )
}
