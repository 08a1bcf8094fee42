import { sql } from 'kysely'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { skuBins } from '../../inventory/bins/relations.ts'
import { writeOffMissing } from '../../inventory/documents/missing.ts'
import { refreshAllocation } from '../../orders/allocation/goods.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { lockDeliveries } from '../held.ts'
import { insertFromWave } from '../intercepts/put-back-queries.ts'
import { give, inCartOf, keepsGoods, openPieces, sharesOf, sumOf } from './needs.ts'
import { openLine } from './pick.ts'
import { type AtWave, scanOnce } from './scan-once.ts'
import {
  membersOf,
  type WaveLine,
  type WaveRow,
  type WaveWork,
  workOf,
  writeLeft,
  writeMissing,
  writePicked,
} from './wave-queries.ts'

export type ShortAnswer = {
  /** Pieces that were not found. */
  missing: number
  /** The spare bin at which they are looked for now; empty: nowhere else. */
  bin: string
  /** Baskets whose deliveries have left the wave. */
  baskets: number[]
  /** Pieces that the wave still needs. */
  left: number
}

/**
 * 少货: of the pieces that a line still needs only `found` are in its bin. The first baskets get these, so the last ones lack theirs. If the
 * SKU has a spare bin, the picker is sent there. If not, the deliveries that lack pieces leave the wave with their whole basket, wait for
 * goods again, and the missing pieces are taken off the books.
 */
export async function reportShort(
  tx: Tx,
  { waveId, key, seq, found = 0 }: AtWave & { seq: number; found?: number | undefined },
  by: By,
): Promise<ShortAnswer> {
  const held = await lockDeliveries(tx, await membersOf(tx, [waveId]), { ...by.scope, shops: 'all' })
  const locked = new Set(held.map(({ delivery }) => delivery.id))
  return scanOnce(tx, { kind: 'short', waveId, key }, by, (wave) =>
    missAt(tx, { wave, seq, found, locked }, by),
  )
}

async function missAt(
  tx: Tx,
  { wave, seq, found, locked }: { wave: WaveRow; seq: number; found: number; locked: ReadonlySet<string> },
  by: By,
): Promise<ShortAnswer> {
  const waveId = wave.id
  const { work, line } = await takeFound(tx, { waveId, seq, found }, by)
  const shares = sharesOf(work, line.skuId)
  const missing = sumOf(shares)
  const spare = await spareBin(tx, wave.warehouseId, line.skuId)
  const tried = new Set(work.lines.filter(({ skuId }) => skuId === line.skuId).map(({ binId }) => binId))
  const elsewhere = spare && !tried.has(spare.id) && missing > 0 ? spare : undefined
  await writeMissing(tx, { waveId, seq }, { missing, elsewhere: elsewhere?.id ?? null, by: by.actor.name })
  const left = async () => openPieces(await workOf(tx, waveId))
  if (elsewhere || missing === 0)
    return { missing, bin: elsewhere?.code ?? '', baskets: [], left: await left() }

  const lacking = new Set(shares.map(({ deliveryId }) => deliveryId))
  const baskets = new Set(shares.map(({ basket }) => basket))
  const leaving = work.members.filter(
    ({ basket, live, deliveryId }) => live && baskets.has(basket) && locked.has(deliveryId),
  )
  const keeps = keepsGoods(wave.sorting)
  await writeLeft(
    tx,
    waveId,
    leaving.map(({ deliveryId }) => ({ deliveryId, reason: 'short', keeps })),
  )
  if (!keeps) {
    const there = leaving.flatMap(({ status, deliveryId }) => (status === 'pending' ? [deliveryId] : []))
    await insertFromWave(tx, waveId, inCartOf(work, new Set(there)))
  }
  const orderIds = leaving.filter(({ deliveryId }) => lacking.has(deliveryId)).map(({ orderId }) => orderId)
  await noteShipping(
    tx,
    orderIds.map((orderId) => ({ orderId, event: 'picked_short', detail: { wave: wave.no } })),
    by.actor,
  )
  const note = `拣货缺货 ${wave.no} ${line.bin}`.trim()
  const gone = { warehouseId: wave.warehouseId, skuId: line.skuId, pieces: missing, orderIds, note }
  await writeOffMissing(tx, gone, by.actor)
  await refreshAllocation(tx, orderIds)
  return { missing, bin: '', baskets: [...baskets].toSorted((a, b) => a - b), left: await left() }
}

/** Gives the pieces that were found to the first baskets. */
async function takeFound(
  tx: Tx,
  { waveId, seq, found }: { waveId: string; seq: number; found: number },
  by: By,
): Promise<{ work: WaveWork; line: WaveLine }> {
  const work = await workOf(tx, waveId)
  const line = openLine(work, seq)
  if (found === 0) return { work, line }
  const shares = sharesOf(work, line.skuId)
  const needed = sumOf(shares)
  if (found > needed) throw new AppError('too_many_picked', { needed: String(needed) }, 'found')
  const place = { waveId, seq, skuId: line.skuId }
  await writePicked(tx, place, give(shares, found), { isDone: false, by: by.actor.name })
  return { work: await workOf(tx, waveId), line }
}

async function spareBin(
  tx: Tx,
  warehouseId: string,
  skuId: string,
): Promise<Row<'bin', 'id' | 'code'> | undefined> {
  const found = await sql<Row<'bin', 'id' | 'code'>>`
    select place.spare_bin_id as id, place.spare_code as code from ${skuBins} as place
    where place.warehouse_id = ${warehouseId}::bigint and place.sku_id = ${skuId}::bigint and place.spare_bin_id is not null`.execute(
    tx,
  )
  return found.rows[0]
}
