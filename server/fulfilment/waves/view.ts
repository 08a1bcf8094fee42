import { skuBarcodes, skuNames } from '../../catalog/names.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import type { WaveDetail } from './contract.ts'
import { viewWaves } from './lists.ts'
import { openPieces, sharesOf, sumOf, unsorted } from './needs.ts'
import { type WaveMember, type WaveWork, waveById, workOf } from './wave-queries.ts'

/** Returns a wave with its lines in the order of the route, and its baskets with what stops them. */
export async function viewWave(db: Database, id: string, scope: Scope): Promise<WaveDetail> {
  const work = await db.transaction().execute(async (tx) => {
    const found = await waveById(tx, id, scope)
    if (!found) throw new AppError('not_found', { what: { zh: '波次', en: 'Wave' } })
    return workOf(tx, id)
  })
  const [wave] = await viewWaves(db, [id])
  if (!wave) throw new AppError('not_found', { what: { zh: '波次', en: 'Wave' } })
  return {
    wave,
    left: openPieces(work),
    unsorted: unsorted(work),
    lines: await linesIn(db, work),
    baskets: basketsIn(work),
  }
}

async function linesIn(db: Database, work: WaveWork): Promise<WaveDetail['lines']> {
  const ids = work.lines.map(({ skuId }) => skuId)
  const names = await skuNames(db, ids)
  const barcodes = await skuBarcodes(db, ids)
  return work.lines.map(({ seq, bin, skuId, picked, missing, isDone, doneBy }) => {
    const { code = skuId, name = '', spec = '', pictureUrl = '' } = names.get(skuId) ?? {}
    const shares = sharesOf(work, skuId)
    return {
      ...{ seq, bin, skuId, code, name, spec, pictureUrl, picked, missing, doneBy },
      barcodes: barcodes.get(skuId) ?? [],
      wanted: isDone ? 0 : sumOf(shares),
      // A line of which nothing is needed any more, because its deliveries were stopped or have left, is no stop on the way.
      done: isDone || shares.length === 0,
      baskets: basketsOf(work, skuId),
    }
  })
}

function basketsOf({ members, pieces }: WaveWork, skuId: string) {
  const memberOf = new Map(members.map((member) => [member.deliveryId, member]))
  const found = pieces.flatMap((piece) => {
    const member = memberOf.get(piece.deliveryId)
    if (!member?.live || piece.skuId !== skuId) return []
    const isStopped = member.stopped || member.status !== 'pending'
    return [
      {
        basket: member.basket,
        pieces: Math.min(piece.wanted, piece.now),
        picked: piece.picked,
        stopped: isStopped,
      },
    ]
  })
  const byBasket = [...Map.groupBy(found, ({ basket }) => basket)].toSorted(([a], [b]) => a - b)
  return byBasket.map(([basket, rows]) => ({
    basket,
    pieces: rows.reduce((sum, row) => sum + row.pieces, 0),
    picked: rows.reduce((sum, row) => sum + row.picked, 0),
    stopped: rows.some((row) => row.stopped),
  }))
}

function basketsIn({ members, pieces }: WaveWork): WaveDetail['baskets'] {
  const ofDelivery = Map.groupBy(pieces, ({ deliveryId }) => deliveryId)
  const sum = (rows: readonly WaveMember[], field: 'wanted' | 'picked' | 'sorted') =>
    rows
      .flatMap(({ deliveryId }) => ofDelivery.get(deliveryId) ?? [])
      .reduce((all, piece) => all + piece[field], 0)
  return [...Map.groupBy(members, ({ basket }) => basket)].map(([basket, rows]) => ({
    basket,
    orders: rows.map(({ deliveryId, no, orderNo }) => ({ deliveryId, no, orderNo })),
    pieces: sum(rows, 'wanted'),
    picked: sum(rows, 'picked'),
    sorted: sum(rows, 'sorted'),
    stop: rows.find(({ status }) => status === 'cancelled')
      ? cancelled
      : (rows.find(({ stop }) => stop)?.stop ?? null),
    left: rows.find(({ live }) => !live)?.leftReason ?? '',
    keeps: rows.some(({ keeps }) => keeps),
  }))
}

const cancelled = {
  zh: '已取消：货放回',
  en: 'Cancelled: its goods go back',
}
