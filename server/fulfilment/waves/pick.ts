import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../../core/decide.ts'
import { AppError } from '../../errors.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { lockDeliveries } from '../held.ts'
import { insertFromWave } from '../intercepts/put-back-queries.ts'
import { whyNotWave } from './lifecycle.ts'
import {
  endingOf,
  give,
  inCartOf,
  keepsGoods,
  openPieces,
  restOf,
  sharesOf,
  sumOf,
  takenInVain,
  unsorted,
} from './needs.ts'
import { type AtWave, lockWave, scanOnce } from './scan-once.ts'
import {
  lockWaves,
  membersOf,
  type WaveRow,
  type WaveWork,
  workOf,
  writeAllLeft,
  writeDeliveriesPicked,
  writeLeft,
  writePicked,
  writeRestPicked,
} from './wave-queries.ts'
import { writeCancelled, writeClaimed, writeDone, writeWavePicked } from './wave-states.ts'

const what = { zh: '波次', en: 'Wave' }
const answers = numbered(what)

/** 领取, 接手: this person picks the waves. An open one goes to the first person who asks. `takeOver`: also from another picker. */
export function claimWaves(
  tx: Tx,
  ids: readonly string[],
  { takeOver }: { takeOver: boolean },
  by: By,
): Promise<Outcome[]> {
  return changeEach(tx, ids, by, {
    why: (wave) =>
      whyNotWave(wave, 'claim', by.actor.id) ??
      (wave.status === 'picking' && !takeOver ? claimedBy(wave.claimedBy ?? '') : undefined),
    write: (done) => writeClaimed(tx, done, by.actor),
  })
}

const claimedBy = (name: string): Refusal => ({
  code: 'claimed',
  message: { zh: `${name} 已领`, en: `${name} has claimed it` },
})

/** 交验货: a picked wave of which nothing is to be sorted is done. */
export async function handOverWaves(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  const left = new Map<string, number>()
  for (const { id, sorting } of await lockWaves(tx, ids, by.scope))
    if (sorting === 'after') left.set(id, unsorted(await workOf(tx, id)))
  return changeEach(tx, ids, by, {
    why: (wave) => whyNotWave({ ...wave, unsorted: left.get(wave.id) ?? 0 }, 'handOver', by.actor.id),
    write: (done) => writeDone(tx, done, by.actor),
  })
}

/** 撤销波次: its deliveries wait for another wave. Only an open wave can be cancelled. */
export function cancelWaves(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return changeEach(tx, ids, by, {
    why: (wave) => whyNotWave(wave, 'cancel', by.actor.id),
    async write(done) {
      await writeCancelled(tx, done, by.actor)
      await writeAllLeft(tx, done)
    },
  })
}

async function changeEach(
  tx: Tx,
  ids: readonly string[],
  { scope }: By,
  {
    why,
    write,
  }: {
    why: (wave: WaveRow) => Refusal | undefined
    write: (done: string[], waves: WaveRow[]) => Promise<void>
  },
): Promise<Outcome[]> {
  const waves = new Map((await lockWaves(tx, ids, scope)).map((wave) => [wave.id, wave]))
  const outcomes = answerEach(ids, waves, answers, why)
  const done = outcomes.filter((one) => one.done).map(({ id }) => id)
  if (done.length > 0)
    await write(
      done,
      [...waves.values()].filter(({ id }) => done.includes(id)),
    )
  return outcomes
}

type PickAsked = AtWave & { seq: number; pieces: number }

/**
 * 拣货: pieces of a line were taken. They go to the baskets in their order; a stopped delivery gets none. More than the baskets need are
 * refused. Answers how many pieces the wave still needs.
 */
export function pickPieces(
  tx: Tx,
  { waveId, key, seq, pieces }: PickAsked,
  by: By,
): Promise<{ left: number }> {
  return scanOnce(tx, { kind: 'pick', waveId, key }, by, async () => {
    const work = await workOf(tx, waveId)
    const line = openLine(work, seq)
    const shares = sharesOf(work, line.skuId)
    const needed = sumOf(shares)
    if (pieces > needed) throw new AppError('too_many_picked', { needed: String(needed) }, 'pieces')
    const place = { waveId, seq, skuId: line.skuId }
    await writePicked(tx, place, give(shares, pieces), { isDone: pieces === needed, by: by.actor.name })
    return { left: openPieces(work) - pieces }
  })
}

export function openLine(work: WaveWork, seq: number) {
  const line = work.lines.find((one) => one.seq === seq)
  if (!line || line.isDone)
    throw new AppError('not_found', { what: { zh: '待拣的行', en: 'Open line' } }, 'seq')
  return line
}

/**
 * Ends picking of a wave that needs no piece any more; one that does, or that ended before, stays as it is. Deliveries whose goods are all
 * there are picked; the others leave the wave and wait for another one, which picks only the rest.
 */
export async function endPicking(tx: Tx, waveId: string, by: By): Promise<void> {
  const locked = await lockMembers(tx, [waveId], by)
  const wave = await lockWave(tx, waveId, by)
  if (whyNotWave(wave, 'pick', by.actor.id) || openPieces(await workOf(tx, waveId)) > 0) return
  await endLocked(tx, wave, locked, by)
}

/** Locks the orders of these waves, all at once: orders come before waves. Returns their deliveries. */
async function lockMembers(tx: Tx, waveIds: readonly string[], { scope }: By): Promise<ReadonlySet<string>> {
  const held = await lockDeliveries(tx, await membersOf(tx, waveIds), { ...scope, shops: 'all' })
  return new Set(held.map(({ delivery }) => delivery.id))
}

async function endLocked(tx: Tx, wave: WaveRow, locked: ReadonlySet<string>, by: By): Promise<void> {
  const waveId = wave.id
  const work = await workOf(tx, waveId)
  const { whole, leaving } = endingOf(work)
  const keeps = keepsGoods(wave.sorting)
  await writeLeft(
    tx,
    waveId,
    leaving.map(({ member, reason }) => ({
      deliveryId: member.deliveryId,
      reason,
      keeps: keeps && reason !== 'gone',
    })),
  )
  if (!keeps) {
    const there = leaving.flatMap(({ member, reason }) => (reason === 'gone' ? [] : [member.deliveryId]))
    await insertFromWave(tx, waveId, inCartOf(work, new Set(there)))
  }
  const picked = whole.filter(({ deliveryId }) => locked.has(deliveryId))
  await writeDeliveriesPicked(
    tx,
    picked.map(({ deliveryId, basket }) => ({ deliveryId, waveId, basket: keeps ? basket : null })),
    by.actor.name,
  )
  await noteShipping(
    tx,
    picked.map(({ orderId }) => ({ orderId, event: 'picked', detail: { wave: wave.no } })),
    by.actor,
  )
  await writeWavePicked(tx, waveId, whole.length === 0, by.actor)
}

/** 拆出缺货单: ends picking of waves also if goods are still to be picked. */
export async function cutWaves(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  const locked = await lockMembers(tx, ids, by)
  return changeEach(tx, ids, by, {
    why: (wave) => whyNotWave(wave, 'cut', by.actor.id),
    async write(_done, waves) {
      for (const wave of waves) await endLocked(tx, wave, locked, by)
    },
  })
}

/**
 * 按单拣齐: the picker went by the printed list and took all that the waves still need. A stopped delivery gets none: what lies in the cart for
 * it, since the list was printed before, is listed to be put back (待放回).
 */
export async function pickRest(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  const locked = await lockMembers(tx, ids, by)
  return changeEach(tx, ids, by, {
    why: (wave) => whyNotWave(wave, 'pick', by.actor.id),
    async write(_done, waves) {
      for (const wave of waves) {
        const work = await workOf(tx, wave.id)
        const inVain = takenInVain(work, wave.sorting)
        await writeRestPicked(tx, wave.id, restOf(work), by.actor.name)
        await insertFromWave(tx, wave.id, inVain)
        await endLocked(tx, wave, locked, by)
      }
    },
  })
}
