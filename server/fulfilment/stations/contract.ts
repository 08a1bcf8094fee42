import Type, { type Static } from 'typebox'
import { nullable, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { shipSteps } from '../../inventory/lifecycle.ts'
import { workStates } from '../lifecycle.ts'

const closed = { additionalProperties: false }

/** `key`: made by the browser for each scan. A key that comes again gets the first answer. */
const scanned = {
  station: Type.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
  key: Type.String({ minLength: 8, maxLength: 64 }),
}
export const scanInput = Type.Object(
  { ...scanned, code: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }) },
  closed,
)
export const weighInput = Type.Object(
  {
    ...scanned,
    grams: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    /** Why a weight outside the tolerance is right. */
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })),
  },
  closed,
)
export const asideInput = Type.Object(
  {
    ...scanned,
    /** True: goods are missing, so the order is held. */
    short: Type.Optional(Type.Boolean()),
  },
  closed,
)
export const recountInput = Type.Object(scanned, closed)
export const stationQuery = Type.Object({ station: scanned.station }, closed)

/**
 * What a scan means. `serial`: the piece's serial number is scanned next. `busy`: another station has the parcel. `stuck`: it cannot be shipped yet. `off`: the weight is outside the tolerance.
 * `stop`: it must not leave. `aside`: it was taken off the station.
 */
export const verdictKinds = [
  'idle',
  'opened',
  'right',
  'serial',
  'done',
  'shipped',
  'wrong',
  'extra',
  'unknown',
  'busy',
  'stuck',
  'off',
  'stop',
  'aside',
] as const
export type ReplyKind = (typeof verdictKinds)[number]

const words = Type.Object({ zh: Type.String(), en: Type.String() })
export const verdict = Type.Object({
  kind: oneOf(verdictKinds),
  message: words,
  hint: words,
  /** True: the platform did not answer whether there is a refund, so only our own records were read. */
  unchecked: Type.Boolean(),
})
export type ScanReply = Static<typeof verdict>

export const stationStop = Type.Object({ code: Type.String(), message: words })
export type StationStop = Static<typeof stationStop>

export const stationLine = Type.Object({
  deliveryId: Type.String(),
  lineNo: Type.Integer(),
  skuId: Type.String({ description: '0: the line has no SKU.' }),
  code: Type.String(),
  name: Type.String(),
  spec: Type.String(),
  pictureUrl: Type.String(),
  barcodeTail: Type.String(),
  gift: Type.Boolean(),
  /** 整单一扫: one scan counts all pieces of its SKU. */
  scanOnce: Type.Boolean(),
  /** After each piece its serial number is scanned. */
  needsSerial: Type.Boolean(),
  wanted: Type.Integer(),
  counted: Type.Integer(),
})
export type StationLine = Static<typeof stationLine>

/** A package of a parcel that has several: its place from 1, its sub-number, and whether its label was scanned. */
const scannedPackage = Type.Object({ n: Type.Integer(), waybillNo: Type.String(), isScanned: Type.Boolean() })
export type ScannedPackage = Static<typeof scannedPackage>

export const stationParcel = Type.Object({
  deliveryId: Type.String(),
  no: Type.String(),
  orderNos: Type.Array(Type.String()),
  courier: Type.String(),
  waybillNo: Type.String(),
  receiverMasked: Type.String(),
  region: Type.String(),
  shipBy: timeOrNull,
  buyerMessage: Type.String(),
  sellerMemo: Type.String(),
  ownNote: Type.String(),
  shipSteps: Type.Array(oneOf(shipSteps)),
  workState: oneOf(workStates),
  /** 后置打印: its goods are checked, so its number is taken, and the browser prints the label as soon as it is there. */
  labelNow: Type.Boolean(),
  lines: Type.Array(stationLine),
  /** Empty: it has one package, or its sub-numbers are not known. */
  packages: Type.Array(scannedPackage),
  /** True: the next scan is the serial number of the piece that was scanned. */
  asksSerial: Type.Boolean(),
  weightGrams: nullable(Type.Integer()),
  /** By the weights of the SKUs; null: one of them is not known. */
  expectedGrams: nullable(Type.Integer()),
  toleranceGrams: nullable(Type.Integer()),
  stop: nullable(stationStop),
})
export type StationParcel = Static<typeof stationParcel>

export const stationAnswer = Type.Object({ verdict, parcel: nullable(stationParcel) })
export type StationAnswer = Static<typeof stationAnswer>

export const stationNow = Type.Object({
  parcel: nullable(stationParcel),
  users: Type.Array(
    Type.Object({
      userId: Type.String(),
      name: Type.String(),
      parcels: Type.Integer(),
      perHour: Type.Integer(),
      wrong: Type.Integer(),
    }),
  ),
  stopped: Type.Integer(),
})
