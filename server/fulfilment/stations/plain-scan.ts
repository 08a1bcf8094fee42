import { skuOfScan } from '../../catalog/names.ts'
import type { By } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { ScanReply, StationAnswer } from './contract.ts'
import { type Counting, countCode } from './counting.ts'
import { type PackedLine, quietParcel } from './packed-queries.ts'
import { asParcel, isOwn, viewOf } from './station-parcel.ts'
import { writePlainScan } from './station-queries.ts'
import { leftOf, nextOf, surplusOf, verdicts } from './verdicts.ts'

/**
 * Handles what most scans are: a piece of a parcel that nothing stops, but not the last one, or a piece that does not belong in it. It locks no
 * order and needs no transaction: one statement reads everything at one moment, another counts, if the station's row is still the one that
 * was read. Undefined: it is another kind of scan, or something changed meanwhile. Then nothing is written, and the scan is handled under
 * locks.
 */
export async function scanPlainly(
  db: Database,
  { station, key, code }: { station: string; key: string; code: string },
  by: By,
): Promise<StationAnswer | undefined> {
  const quiet = await quietParcel(db, { station, key }, by.scope)
  const parcel = quiet && asParcel(quiet.deliveries)
  if (!parcel || isOwn(parcel, code)) return undefined
  const counting = countCode(parcel.lines, code)
  if (counting && (counting.isLast || counting.shown.needsSerial)) return undefined
  const verdict = counting ? verdictOf(counting) : await wrongPiece(db, parcel.lines, code)
  if (!verdict) return undefined
  const written = await writePlainScan(
    db,
    {
      scan: { key, station, deliveryId: parcel.first.id, verdict },
      counted: counting?.counted ?? [],
      version: quiet.version,
    },
    by.actor,
  )
  if (!written) return undefined
  return { verdict, parcel: viewOf({ ...parcel, lines: counting?.lines ?? parcel.lines, stop: undefined }) }
}

/** The verdict of a scan that counted a piece, or found that there are enough of it. */
export function verdictOf({ counted, shown, lines }: Counting): ScanReply {
  const pieces = counted.reduce((sum, one) => sum + one.pieces, 0)
  if (pieces === 0) return verdicts.extra(shown)
  const left = leftOf(lines)
  const surplus = left === 0 ? surplusOf(lines) : undefined
  return surplus ? verdicts.surplus(surplus) : verdicts.right(shown, left, pieces)
}

/** The verdict of a code that is of other goods; undefined: it is of no goods. */
async function wrongPiece(
  db: Database,
  lines: readonly PackedLine[],
  code: string,
): Promise<ScanReply | undefined> {
  const goods = await skuOfScan(db, code)
  return goods && verdicts.wrong(goods, nextOf(lines))
}
