import type { Call } from '../connectors/connector.ts'
import type { TraceStep } from '../connectors/traces.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

/**
 * 物流跟踪: a system that follows parcels of many couriers for an account of waybill numbers. Its calls go out with the account's credentials,
 * and it decides nothing.
 */
export type TrackingSource = {
  /** The source of the accounts with which it is called. */
  id: string
  /** Our codes of the couriers whose parcels it follows. */
  couriers: readonly string[]
  /** The waybills that it takes, as a regular expression of PostgreSQL. */
  waybillPattern: string
  /** How often one waybill may be subscribed to within a month. */
  subscriptionsPerMonth: number
  /** Returns the credential that the account lacks to follow parcels this way; undefined: none. */
  lacks(credentials: Readonly<Record<string, string>>, way: 'query' | 'subscribe'): LocalizedText | undefined
  /** True if the courier shows nothing without the phone of sender or receiver. */
  needsPhone(carrier: string): boolean
  /** Returns the scans of a parcel now, in any order. */
  query(call: Call, parcel: FollowedParcel): Promise<TraceStep[]>
  /** Asks for news of a parcel until it has arrived. Asking twice must have the same effect as once. */
  subscribe(call: Call, parcel: FollowedParcel, address: NewsAddress): Promise<void>
  /** Reads a message to our address; undefined: it cannot be read. `unsigned`: a stranger may have sent it. */
  readNews(form: URLSearchParams, salt: string): ParcelNews | 'unsigned' | undefined
}

/** `phone`: of the receiver or the sender; empty: none is known, or the courier does not ask for one. */
export type FollowedParcel = { carrier: string; waybillNo: string; phone: string }

export type NewsAddress = { callbackUrl: string; salt: string }

/** All scans of a parcel, in any order, which replace the former ones. */
export type ParcelNews = {
  /** Undefined: a courier that we do not know. */
  carrier: string | undefined
  waybillNo: string
  steps: TraceStep[]
  /** shutdown: the parcel has arrived. abort: the source gave it up. Undefined: more will come. */
  ended: 'shutdown' | 'abort' | undefined
  /** True: the list was corrected, so it holds even if its last scan is older than the one before. */
  isWhole: boolean
}
