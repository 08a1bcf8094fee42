import type { Receiver } from '../../connectors/connector.ts'
import { type KeyRing, unseal } from '../../lib/seal.ts'

export type Personal = { nick: string; receiver: Receiver }

/** Opens the sealed buyer of a trade or an order; of null, which has none, every text is empty. */
export function personalOf(ring: KeyRing, shopId: string, sealed: Uint8Array | null): Personal {
  return sealed ? JSON.parse(unseal(ring, shopId, sealed).toString('utf8')) : nobody
}

const nobody: Personal = {
  nick: '',
  receiver: {
    name: '',
    mobile: '',
    phone: '',
    province: '',
    city: '',
    district: '',
    town: '',
    address: '',
    zip: '',
    token: '',
  },
}
