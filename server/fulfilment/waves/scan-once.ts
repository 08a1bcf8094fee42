import { sql } from 'kysely'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { RowFor } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { whyNotWave } from './lifecycle.ts'
import { lockWaves, type WaveRow } from './wave-queries.ts'

/** `key`: made by the phone for each thing that its user does. */
export type AtWave = { waveId: string; key: string }

const eventOf = { pick: 'pick', short: 'pick', sort: 'sort' } as const

/**
 * Locks the wave and does the work of one scan. A key that comes again gets the first answer and changes nothing, also if the wave has gone
 * on since, so a phone may send a scan until it has an answer. A refused scan has changed nothing and is tried again.
 */
export async function scanOnce<Answer extends object>(
  tx: Tx,
  { kind, waveId, key }: AtWave & { kind: keyof typeof eventOf },
  by: By,
  work: (wave: WaveRow) => Promise<Answer>,
): Promise<Answer> {
  const wave = await lockWave(tx, waveId, by)
  const prior = await sql<RowFor<'wave_scan', { answer: Answer }>>`
    select answer from wave_scan where wave_id = ${waveId}::bigint and kind = ${kind} and key = ${key}`.execute(
    tx,
  )
  const [said] = prior.rows
  if (said) return said.answer
  const refusal = whyNotWave(wave, eventOf[kind], by.actor.id)
  if (refusal) throw new AppError('wave_refused', { why: refusal.message })
  const answer = await work(wave)
  await sql`
    insert into wave_scan (wave_id, kind, key, user_id, user_name, answer)
    values (${waveId}::bigint, ${kind}, ${key}, ${by.actor.id}, ${by.actor.name}, ${JSON.stringify(answer)}::jsonb)`.execute(
    tx,
  )
  return answer
}

export async function lockWave(tx: Tx, id: string, { scope }: By): Promise<WaveRow> {
  const [wave] = await lockWaves(tx, [id], scope)
  if (!wave) throw new AppError('not_found', { what: { zh: '波次', en: 'Wave' } })
  return wave
}
