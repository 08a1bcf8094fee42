import type { Sender } from '../../carriers/carrier.ts'
import { waybillSources } from '../../carriers/index.ts'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { assertInScope } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import { platformsOf } from '../../shops/platforms.ts'
import { senderOf, writeAccount } from './account-queries.ts'

export type AccountInput = {
  shopId: string
  source: string
  courier: string
  branchCode: string
  branchName: string
  /** Undefined: the sender of the account stays. */
  sender?: Sender | undefined
  templateName: string
  templateUrl: string
  warehouseId: string | null
  enabled: boolean
}

/**
 * Saves an account: the one of the same shop, source, courier, branch and warehouse, or a new one. Returns its id. Throws
 * `invalid_input` for a source that the shop's platform does not have, for a courier that the source does not have, and for a new account
 * without a sender.
 */
export async function saveAccount(
  tx: Tx,
  ring: KeyRing,
  input: AccountInput,
  { actor, scope }: By,
): Promise<string> {
  assertInScope(scope, [input.shopId], 'shopId')
  const platform = (await platformsOf(tx, [input.shopId])).get(input.shopId) ?? ''
  const source = waybillSources.find(({ id }) => id === input.source)
  if (!source?.platforms.includes(platform)) throw new AppError('invalid_input', {}, 'source')
  if (!Object.hasOwn(source.couriers, input.courier)) throw new AppError('invalid_input', {}, 'courier')
  const sender = input.sender
    ? seal(ring, input.shopId, JSON.stringify(input.sender))
    : await senderOf(tx, input)
  if (!sender) throw new AppError('invalid_input', {}, 'sender')
  const id = await writeAccount(tx, { ...input, sender }, actor.name)
  const { sender: _sender, ...detail } = input
  await audit(tx, { actor, action: 'waybill_account.save', subject: { type: 'waybill_account', id }, detail })
  return id
}

export const openSender = (ring: KeyRing, shopId: string, sealed: Uint8Array): Sender =>
  JSON.parse(unseal(ring, shopId, sealed).toString('utf8'))
