import type { Sender } from '../../carriers/carrier.ts'
import { waybillSources } from '../../carriers/index.ts'
import { type CourierService, insuranceOf } from '../../carriers/services-contract.ts'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { assertInScope } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import { checkCredentials, type Places } from '../../shops/credentials.ts'
import { platformsOf } from '../../shops/platforms.ts'
import { isSecret } from '../../shops/secrets.ts'
import { type AccountRow, sealedOf, writeAccount } from './account-queries.ts'

/** `simulator`, `platformHosts`: the addresses that credentials of an account may have besides those of its source. */
export type AccountKeys = { ring: KeyRing } & Places

export type AccountInput = {
  shopId: string
  source: string
  courier: string
  branchCode: string
  branchName: string
  /** Undefined: the sender of the account stays. */
  sender?: Sender | undefined
  /** The credentials of the account, if its source wants such; an empty secret keeps the stored one. Undefined: all stay. */
  credentials?: Record<string, string> | undefined
  templateName: string
  templateUrl: string
  warehouseId: string | null
  enabled: boolean
  /** The services of its branch; left out: the stored ones stay. */
  services?: CourierService[] | undefined
  insureFromFen?: number | null | undefined
  insureMostFen?: number | null | undefined
}

/**
 * Saves an account: the one of the same shop, source, courier, branch and warehouse, or a new one. Returns its id. Throws
 * `invalid_input` for a source that the shop's platform does not have, for a courier that the source does not have, and for a new account
 * without a sender or credentials. A source with credentials of its own serves every shop; the account belongs to one for its scope and seal.
 */
export async function saveAccount(
  tx: Tx,
  keys: AccountKeys,
  input: AccountInput,
  { actor, scope }: By,
): Promise<string> {
  const { credentials: typed, sender: given, services: offered, ...account } = input
  const { shopId } = account
  assertInScope(scope, [shopId], 'shopId')
  const source = waybillSources.find(({ id }) => id === account.source)
  if (!source) throw new AppError('invalid_input', {}, 'source')
  if (source.credentials === undefined) {
    const platform = (await platformsOf(tx, [shopId])).get(shopId) ?? ''
    if (!source.platforms.includes(platform)) throw new AppError('invalid_input', {}, 'source')
    if (account.templateUrl === '') throw new AppError('invalid_input', {}, 'templateUrl')
  }
  if (!Object.hasOwn(source.couriers, account.courier)) throw new AppError('invalid_input', {}, 'courier')
  const stored = await sealedOf(tx, account)
  const sender = given ? seal(keys.ring, shopId, JSON.stringify(given)) : stored?.sender
  if (!sender) throw new AppError('invalid_input', {}, 'sender')
  const kept = openCredentials(keys.ring, { shopId, credentials: stored?.credentials ?? null })
  const checked =
    source.credentials && checkCredentials({ credentials: source.credentials }, kept, typed ?? kept, keys)
  // The accounts of one courier differ by the account at that courier, so it is kept as the branch.
  if (checked && checked.values['partnerId'] !== account.branchCode)
    throw new AppError('invalid_input', {}, 'credentials.partnerId')
  const credentials = checked ? seal(keys.ring, shopId, JSON.stringify(checked.values)) : null
  const services = source.ownServices ? [...source.ownServices] : (offered ?? stored?.services ?? [])
  const insured = {
    insureFromFen: account.insureFromFen ?? null,
    insureMostFen: account.insureMostFen ?? null,
  }
  if (insured.insureFromFen !== null && insuranceOf(services) === '')
    throw new AppError('invalid_input', { detail: noInsurance }, 'insureFromFen')
  const id = await writeAccount(tx, { ...account, ...insured, services, sender, credentials }, actor.name)
  const detail = { ...account, ...(checked ? { fields: checked.changed } : {}) }
  await audit(tx, { actor, action: 'waybill_account.save', subject: { type: 'waybill_account', id }, detail })
  return id
}

const noInsurance = {
  zh: '这个网点没有开通保价',
  en: 'this branch offers no insurance',
}

export const openSender = (ring: KeyRing, shopId: string, sealed: Uint8Array): Sender =>
  JSON.parse(unseal(ring, shopId, sealed).toString('utf8'))

type OfAccount = Pick<AccountRow, 'shopId' | 'credentials'>

/** Returns the credentials of an account; empty if it has none of its own. */
export const openCredentials = (ring: KeyRing, { shopId, credentials }: OfAccount): Record<string, string> =>
  credentials === null ? {} : JSON.parse(unseal(ring, shopId, credentials).toString('utf8'))

/** Returns the credentials of an account without its secrets, and the names of all fields that are stored. */
export function shownCredentials(
  ring: KeyRing,
  account: OfAccount & Pick<AccountRow, 'source'>,
): { set: string[]; values: Record<string, string> } {
  const { credentials } = waybillSources.find(({ id }) => id === account.source) ?? {}
  if (!credentials) return nothingStored
  const stored = Object.entries(openCredentials(ring, account))
  const open = stored.filter(([field]) => !isSecret({ credentials }, field))
  return { set: stored.map(([field]) => field), values: Object.fromEntries(open) }
}

export const nothingStored = { set: [], values: {} }
