import Type, { type Static } from 'typebox'
import { couriers } from '../../connectors/couriers.ts'

const closed = { additionalProperties: false }
const id = Type.String({ pattern: '^\\d{1,18}$' })
const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })
const courier = Type.Enum(couriers.map(({ code }) => code))

const address = Type.Object(
  { province: text(20, 1), city: text(20), district: text(20), town: text(30), detail: text(256, 1) },
  closed,
)

export const senderInput = Type.Object(
  {
    name: text(40, 1),
    mobile: Type.String({ pattern: '^(1\\d{10})?$' }),
    phone: Type.String({ pattern: '^[\\d-]{0,20}$' }),
    address,
  },
  closed,
)

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
    templateUrl: Type.String({ pattern: '^https?://\\S{1,990}$' }),
    warehouseId: Type.Union([id, Type.Null()]),
    enabled: Type.Boolean(),
  },
  closed,
)

const accountOut = Type.Object({
  id,
  shopId: id,
  source: Type.String(),
  courier: Type.String(),
  branchCode: Type.String(),
  branchName: Type.String(),
  senderMasked: Type.String({ description: 'Name and number of the sender, masked, and the address.' }),
  templateName: Type.String(),
  templateUrl: Type.String(),
  warehouseId: Type.Union([id, Type.Null()]),
  enabled: Type.Boolean(),
  balance: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Numbers left when the source was asked last; null: not asked, or the courier settles monthly.',
  }),
  balanceAt: Type.Union([Type.String(), Type.Null()]),
  takenToday: Type.Integer(),
})
export type WaybillAccountOut = Static<typeof accountOut>
export const accountList = Type.Object({ rows: Type.Array(accountOut), next: Type.Null() })
export const accountSaved = Type.Object({ id })

const branchOut = Type.Object({
  courier: Type.String(),
  branchCode: Type.String(),
  branchName: Type.String(),
  balance: Type.Union([Type.Integer(), Type.Null()]),
  used: Type.Integer(),
  addresses: Type.Array(address),
})
export const serviceParams = Type.Object({ shopId: id })
export const serviceOut = Type.Object({
  source: Type.String(),
  name: Type.Object({ zh: Type.String(), en: Type.String() }),
  branches: Type.Array(branchOut),
  templates: Type.Array(Type.Object({ courier: Type.String(), name: Type.String(), url: Type.String() })),
})
export type WaybillServiceOut = Static<typeof serviceOut>
