import Type, { type Static } from 'typebox'
import { idSchema as id, nullable, pageOf, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { credentialsOut } from '../../shops/contract.ts'
import { customFields } from './custom-area-rules.ts'
import { trackWays } from './track-ways-contract.ts'

const closed = { additionalProperties: false }
const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })
const courier = text(20, 1)

const addressSchema = Type.Object(
  { province: text(20, 1), city: text(20), district: text(20), town: text(30), detail: text(256, 1) },
  closed,
)

export const senderInput = Type.Object(
  {
    name: text(40, 1),
    mobile: Type.String({ pattern: '^(1\\d{10})?$' }),
    phone: Type.String({ pattern: '^[\\d-]{0,20}$' }),
    address: addressSchema,
  },
  closed,
)

const service = Type.Object({ code: text(64, 1), name: text(200) }, closed)
const fen = Type.Integer({ minimum: 0, maximum: 1e9 })

export const accountInput = Type.Object(
  {
    shopId: id,
    source: text(32, 1),
    courier,
    branchCode: text(64),
    branchName: text(200),
    /** Left out: the sender of the account stays. */
    sender: Type.Optional(senderInput),
    templateName: text(200),
    /** The credentials of the account by field, if its source wants such; a secret that is left out stays. */
    credentials: Type.Optional(Type.Record(text(60, 1), text(500))),
    /** Empty: the page lays out the label. */
    templateUrl: Type.String({ pattern: '^(https?://\\S{1,990})?$' }),
    warehouseId: nullable(id),
    enabled: Type.Boolean(),
    /** The services of the branch; left out: the stored ones stay. */
    services: Type.Optional(Type.Array(service, { maxItems: 100 })),
    /** Parcels whose goods are worth at least this are insured; null or left out: those of which a person says so. */
    insureFromFen: Type.Optional(nullable(fen)),
    /** The courier insures at most this; null: no limit is known. */
    insureMostFen: Type.Optional(nullable(fen)),
  },
  closed,
)

const accountOut = Type.Object({
  id,
  shopId: id,
  source: Type.String(),
  sourceName: Type.Object({ zh: Type.String(), en: Type.String() }),
  courier: Type.String(),
  branchCode: Type.String(),
  branchName: Type.String(),
  /** Its own credentials: the fields that are stored, and the values without secrets. None: it is called with those of its shop. */
  credentials: credentialsOut,
  senderMasked: Type.String({ description: 'Name and number of the sender, masked, and the address.' }),
  templateName: Type.String(),
  templateUrl: Type.String(),
  warehouseId: nullable(id),
  enabled: Type.Boolean(),
  /** How it follows parcels that their platform does not; null: its source follows none. */
  track: nullable(oneOf(trackWays)),
  /** Numbers left when the source was asked last; null: not asked, or the courier settles monthly. */
  balance: nullable(Type.Integer()),
  balanceAt: timeOrNull,
  /** The custom area that is laid over its labels; empty: none. */
  customAreaUrl: Type.String(),
  customArea: Type.Record(Type.String(), oneOf(customFields)),
  services: Type.Array(service),
  insureFromFen: nullable(Type.Integer()),
  insureMostFen: nullable(Type.Integer()),
  takenToday: Type.Integer(),
  /** Deliveries that wait for a number and would get it from this account; counted over the first 2,000 of them. */
  waiting: Type.Integer(),
})
export type WaybillAccountOut = Static<typeof accountOut>
/** `refused`: why waiting deliveries would get no number, with how many. */
export const accountList = Type.Object({
  ...pageOf(accountOut).properties,
  refused: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.Object({ zh: Type.String(), en: Type.String() }),
      count: Type.Integer(),
    }),
  ),
})
export const accountSaved = Type.Object({ id })

export const sourceList = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.Object({ zh: Type.String(), en: Type.String() }),
      couriers: Type.Array(Type.String()),
      services: Type.Array(service),
      credentials: Type.Unknown({ description: 'JSON schema of the credentials of an account' }),
    }),
  ),
})
export type WaybillSourceOut = Static<typeof sourceList>['rows'][number]

const branchOut = Type.Object({
  courier: Type.String(),
  branchCode: Type.String(),
  branchName: Type.String(),
  balance: nullable(Type.Integer()),
  used: Type.Integer(),
  addresses: Type.Array(addressSchema),
  services: Type.Array(service),
})
export const serviceOut = Type.Object({
  source: Type.String(),
  name: Type.Object({ zh: Type.String(), en: Type.String() }),
  branches: Type.Array(branchOut),
  templates: Type.Array(Type.Object({ courier: Type.String(), name: Type.String(), url: Type.String() })),
})
export type WaybillServiceOut = Static<typeof serviceOut>
