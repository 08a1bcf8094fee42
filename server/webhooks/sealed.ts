import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../core/access/reseal.ts'
import { type KeyRing, seal, unseal } from '../lib/seal.ts'
import type { Receiver } from './send.ts'

/** The word to which address and secrets are sealed; they belong to no shop. */
const sealedFor = 'webhook_subscription'

export const webhookSealed: readonly SealedPlace[] = [
  sealedColumn({
    ...{ table: 'webhook_subscription', column: 'credentials', key: [['id', 'int8']] },
    boundTo: sql`'webhook_subscription'::text`,
  }),
]

export const sealReceiver = (ring: KeyRing, receiver: Receiver): Buffer =>
  seal(ring, sealedFor, JSON.stringify(receiver))

export const openReceiver = (ring: KeyRing, credentials: Buffer): Receiver =>
  JSON.parse(unseal(ring, sealedFor, credentials).toString('utf8'))
