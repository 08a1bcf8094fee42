import Value from 'typebox/value'
import type { Connector } from '../connectors/connector.ts'
import { doorPath, postPath } from '../connectors/push.ts'
import type { By, Scope } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import { authExpired, pauseShopTasks, resumeShopTasks } from '../core/access/shop-gate.ts'
import { type Database, orTaken, type Tx } from '../core/db/db.ts'
import { type Answers, answerEach, notFound, type Outcome } from '../core/decide.ts'
import { AppError } from '../errors.ts'
import { sendEvent } from '../events.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { KeyRing } from '../lib/seal.ts'
import { connectorOf } from './calls.ts'
import { defaultSettings, type NewShopInput, type ShopPatch, type ShopSettings } from './contract.ts'
import { checkCredentials } from './credentials.ts'
import {
  insertShop,
  lockShops,
  lockToken,
  nameTaken,
  type SealedShop,
  type ShopChange,
  type ShopRow,
  sealedShop,
  shopById,
  shopsIn,
  storeCredentials,
  writeShops,
} from './queries.ts'
import { assertRelay } from './relays/relays.ts'
import { isSecret, withoutSecretFields } from './secrets.ts'
import { openCredentials, sealCredentials } from './tokens.ts'

export type ShopKeys = {
  ring: KeyRing
  connectors: readonly Connector[]
  /** True in the demo and in tests: an address may be plain http on this machine. */
  simulator?: boolean
  /** Further hosts that a platform may have. */
  platformHosts?: readonly string[]
}

export const shopWord = { zh: '店铺', en: 'Shop' }

export function listShops(db: Database, scope: Scope): Promise<ShopRow[]> {
  return shopsIn(db, scope)
}

export async function readShop(db: Database, shopId: string, scope: Scope): Promise<ShopRow> {
  const shop = await shopById(db, shopId, scope)
  if (!shop) throw new AppError('not_found', { what: shopWord })
  return shop
}

/**
 * Returns a shop whose trades are imported from sheets. `why`: what other shops do instead.
 * @throws {AppError} `not_found`, `unsupported_by_platform`.
 */
export async function readShopOfSheets(
  db: Database,
  connectors: readonly Connector[],
  { shopId, why }: { shopId: string; why: LocalizedText },
  scope: Scope,
): Promise<ShopRow> {
  const shop = await readShop(db, shopId, scope)
  const { name, posted } = connectorOf(connectors, shop.platform)
  if (posted?.by === 'sheet') return shop
  throw new AppError('unsupported_by_platform', { platform: name, reason: why })
}

export async function describeCredentials(
  db: Database,
  keys: ShopKeys,
  shopId: string,
  scope: Scope,
): Promise<{ set: string[]; values: Record<string, string>; pushPath: string | null }> {
  const shop = await sealedShop(db, shopId, scope)
  if (!shop) throw new AppError('not_found', { what: shopWord })
  const connector = connectorOf(keys.connectors, shop.platform)
  const credentials = openCredentials(keys.ring, shop)
  const stored = Object.entries(credentials)
  return {
    pushPath: pushPathOf(connector, shopId, credentials),
    set: stored.map(([field]) => field),
    values: Object.fromEntries(stored.filter(([field]) => !isSecret(connector, field))),
  }
}

function pushPathOf(
  { id, push, posted }: Connector,
  shopId: string,
  credentials: Record<string, string>,
): string | null {
  if (posted) return posted.by === 'door' ? doorPath(shopId) : null
  return push && 'readPost' in push ? postPath(id, push.appKey(credentials)) : null
}

/**
 * Adds a shop that is not connected yet. Its tasks are created when the platform has confirmed it. Throws `duplicate` (name), `not_found`
 * (platform), `invalid_input`, and `outside_scope` for an actor who does not see all shops.
 */
export async function createShop(tx: Tx, keys: ShopKeys, input: NewShopInput, by: By): Promise<string> {
  // An actor with only some shops could not see the new shop.
  if (by.scope.shops !== 'all') throw new AppError('outside_scope')
  const connector = connectorOf(keys.connectors, input.platform)
  const settings = { ...defaultSettings, ...input.settings }
  if (input.relayId !== undefined) await checkRelay(tx, connector, input.relayId)
  const shopId = await insertShop(tx, {
    platform: connector.id,
    variant: variantOf(connector, input.variant),
    name: input.name.trim(),
    goLiveAt: input.goLiveAt === undefined ? null : new Date(input.goLiveAt),
    settings,
    timeZone: input.timeZone ?? 'Asia/Shanghai',
    relayId: input.relayId ?? null,
  })
  if (shopId === undefined) throw nameIsTaken(input.name)
  const detail = { platform: connector.id, name: input.name.trim() }
  await audit(tx, { ...entry(by, 'shop.create', shopId), detail })
  if (input.credentials) await setCredentials(tx, keys, { shopId, typed: input.credentials }, by)
  return shopId
}

async function checkRelay(tx: Tx, { name, relayed }: Connector, relayId: string): Promise<void> {
  const reason = { zh: '不能经中继接入', en: 'its shops cannot be called through a relay' }
  if (!relayed) throw new AppError('unsupported_by_platform', { platform: name, reason }, 'relayId')
  await assertRelay(tx, relayId)
}

/**
 * Seals and stores credentials of the shop. If the app or an address changed, the token is dropped and the seller must authorise again. On
 * a platform without authorisation every change drops it, and the shop must be verified again. Throws `not_found`, `invalid_input` with the
 * field.
 */
export async function setCredentials(
  tx: Tx,
  keys: ShopKeys,
  { shopId, typed }: { shopId: string; typed: Record<string, string> },
  by: By,
): Promise<void> {
  // A renewal under way must end first. Otherwise it would store a token of the former app after this.
  await lockToken(tx, shopId)
  const [shop] = await lockShops(tx, [shopId], by.scope)
  if (!shop) throw new AppError('not_found', { what: shopWord })
  const connector = connectorOf(keys.connectors, shop.platform)
  const stored = openCredentials(keys.ring, shop)
  // The relay of the shop has the secrets of its app.
  const kept = shop.relayId === null ? connector : withoutSecretFields(connector)
  const { values, changed, otherApp } = checkCredentials(kept, stored, typed, keys)
  if (changed.length === 0) return
  const dropToken = otherApp || !connector.oauth
  await storeCredentials(tx, shopId, sealCredentials(keys.ring, shopId, values), dropToken)
  if (dropToken && shop.authState === 'live') await pauseShopTasks(tx, shopId, authExpired)
  await audit(tx, {
    ...entry(by, 'shop.credentials', shopId),
    detail: { fields: changed, authorisationEnded: dropToken },
  })
}

const shopAnswers: Answers<unknown> = { missing: notFound({ zh: '店铺', en: 'Shop' }), refOf: () => '' }

/**
 * Makes the same changes to several shops. A disabled shop's tasks and write-backs pause. If the go-live time or the conversion of unpaid
 * trades changed, the reasons of the staged trades are updated. Throws `duplicate` (name), `invalid_input` (variant). An unknown id, or one
 * outside the scope, is refused.
 */
export async function updateShops(
  tx: Tx,
  keys: ShopKeys,
  { shopIds, patch }: { shopIds: string[]; patch: ShopPatch },
  by: By,
): Promise<Outcome[]> {
  const shops = await lockShops(tx, shopIds, by.scope)
  if (patch.name !== undefined && (await nameTaken(tx, patch.name.trim(), shopIds)))
    throw nameIsTaken(patch.name)
  const changes = shops
    .map((shop) => ({ shop, change: changed(shop, patch, connectorOf(keys.connectors, shop.platform)) }))
    .filter(({ shop, change }) => fieldsChanged(shop, change).length > 0)
  await writeShops(
    tx,
    changes.map(({ change }) => change),
  ).catch(orTaken(() => nameIsTaken(patch.name ?? '')))
  for (const { shop, change } of changes) await follow(tx, shop, change, by)
  const found = new Map(shops.map((shop) => [shop.id, shop]))
  return answerEach(shopIds, found, shopAnswers, () => undefined)
}

const shopDisabled = 'shop_disabled'

async function follow(tx: Tx, shop: SealedShop, change: ShopChange, by: By): Promise<void> {
  const fields = fieldsChanged(shop, change)
  if (fields.includes('enabled'))
    await (change.enabled ? resumeShopTasks : pauseShopTasks)(tx, shop.id, shopDisabled)
  const judged = fields.includes('goLiveAt') || change.settings.convertUnpaid !== shop.settings.convertUnpaid
  if (judged) await sendEvent(tx, 'intake.recheck', [{ shopId: shop.id }], { key: shop.id })
  const after = Object.fromEntries(
    fields.map((field) => [field, field === 'settings' ? change.settings : change[field]]),
  )
  await audit(tx, { ...entry(by, 'shop.update', shop.id), detail: after })
}

const changeable = ['name', 'variant', 'enabled', 'goLiveAt', 'settings', 'timeZone'] as const

function fieldsChanged(shop: ShopRow, change: ShopChange): (typeof changeable)[number][] {
  return changeable.filter((field) => !Value.Equal(plain(shop[field]), plain(change[field])))
}

function plain(value: Date | ShopSettings | string | boolean): unknown {
  return value instanceof Date ? value.getTime() : value
}

function changed(shop: SealedShop, patch: ShopPatch, connector: Connector): ShopChange {
  return {
    id: shop.id,
    name: patch.name?.trim() ?? shop.name,
    variant: patch.variant === undefined ? shop.variant : variantOf(connector, patch.variant),
    enabled: patch.enabled ?? shop.enabled,
    goLiveAt: patch.goLiveAt === undefined ? shop.goLiveAt : new Date(patch.goLiveAt),
    settings: { ...shop.settings, ...patch.settings },
    timeZone: patch.timeZone ?? shop.timeZone,
  }
}

function variantOf(connector: Connector, asked: string | undefined): string {
  const variant = connector.variants.find(({ id }) => asked === undefined || id === asked)
  if (!variant)
    throw new AppError(
      'invalid_input',
      { detail: { zh: '没有这种店铺类型', en: 'no such kind of shop' } },
      'variant',
    )
  return variant.id
}

export function entry(by: By, action: string, shopId: string) {
  return { actor: by.actor, action, subject: { type: 'shop', id: shopId }, shopId, request: by.request }
}

function nameIsTaken(name: string): AppError {
  return new AppError(
    'duplicate',
    { what: { zh: `店铺「${name.trim()}」`, en: `Shop "${name.trim()}"` } },
    'name',
  )
}
