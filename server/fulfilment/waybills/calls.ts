import type { WaybillSource } from '../../carriers/carrier.ts'
import type { Call } from '../../connectors/connector.ts'
import { AppError } from '../../errors.ts'
import type { Limiter, Rate } from '../../lib/limiter.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type CallDeps, callShop, type OpenedShop } from '../../shops/calls.ts'
import { assertUsable } from '../../shops/credentials.ts'
import type { AccountRow } from './account-queries.ts'
import { openCredentials } from './accounts.ts'

type SourceCall = {
  source: WaybillSource
  account: Pick<AccountRow, 'id' | 'shopId' | 'credentials'>
  /** How often calls with the account's own credentials are made; undefined: the usual rate. */
  rate?: Rate | undefined
}

/**
 * The documents of no such source name a limit, and these are not verified. Numbers have a higher one: a clerk waits for them, one parcel a
 * call.
 */
const ownRate: Rate = { perSecond: 20, concurrent: 16 }
export const numberRate: Rate = { perSecond: 50, concurrent: 40 }

/**
 * Makes a call of a source that changes something there, and tries it once. It goes out with the account's own credentials if the source has
 * such, otherwise with those of the shop. An address that this installation does not allow is refused.
 */
export function callSource<T>(
  shop: OpenedShop,
  { source, account, rate }: SourceCall,
  work: (call: Call) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (!source.credentials)
    return callShop(shop, (_, call) => work(call), { effect: 'write', signal, tries: 1 })
  return callOwn({ ...shop.deps, limiter: shop.limiter }, { source, account, rate }, work, signal)
}

export type OwnCallDeps = Pick<CallDeps, 'ring' | 'simulator' | 'metrics'> & { limiter: Limiter }

/** Makes a call with the account's own credentials, and tries it once. Accounts with one key share its limit. */
export function callOwn<T>(
  { ring, simulator, metrics, limiter }: OwnCallDeps,
  { source, account, rate = ownRate }: SourceCall,
  work: (call: Call) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (!source.credentials || !account.credentials) throw new AppError('credentials_missing')
  const credentials = openCredentials(ring, account)
  assertUsable({ credentials: source.credentials }, credentials, simulator)
  const call: Call = {
    ...{ credentials, session: '', variant: '', signal },
    onRequest: (request) => metrics?.platformRequest(source.id, request),
  }
  return limiter.run(`${source.id} ${credentials['key'] ?? account.id}`, rate, () => work(call), signal)
}

/** Milliseconds. A clerk waits for the number, and a source answers within a second or two: after this its silence is looked into. */
const longestCallMs = 8_000

/** Makes a call with a signal that also ends after that time. */
export async function inTime<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(longestCallMs)
  try {
    return await work(AbortSignal.any([signal, limit]))
  } catch (error) {
    const isSilence =
      limit.aborted && !signal.aborted && error instanceof PlatformError && error.code === 'aborted'
    if (!isSilence) throw error
    // A silent platform counts as away; a call that we stopped ourselves does not.
    throw new PlatformError('retry', 'unreachable', error.message, { unclear: error.unclear, cause: error })
  }
}

/** True if the calls of this source go out with the credentials of its accounts, and so not to the platform of a shop. */
export const isElsewhere = (source: WaybillSource | undefined): boolean => source?.credentials !== undefined
