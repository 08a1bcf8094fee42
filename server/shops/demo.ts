import type { Connector, Token } from '../connectors/connector.ts'
import { type By, systemActor, wholeScope } from '../core/access/actor.ts'
import { dayMs } from '../lib/time.ts'
import { adoptToken, type ConnectDeps, verifyShop } from './authorise.ts'
import { isSecret } from './secrets.ts'
import { createShop, listShops, setCredentials } from './shops.ts'

export type DemoShop = {
  /** Id of a connector or of one of its variants. */
  platform: string
  name: string
  appKey: string
  appSecret: string
  /** Undefined: the platform posts no messages, or needs no key of its own for them. */
  pushKey?: string
  pushToken?: string
  sessionKey: string
  refreshToken: string
}

const by: By = { actor: { ...systemActor, name: '演示' }, scope: wholeScope }

/**
 * Connects the simulator's shops and returns their ids. It may be repeated: if the simulator has another port or lost its tokens, the shops
 * are connected again. Shops of platforms without a connector are left out.
 */
export async function connectDemoShops(
  given: Omit<ConnectDeps, 'simulator'>,
  sandboxUrl: string,
  shops: readonly DemoShop[],
): Promise<string[]> {
  const deps: ConnectDeps = { ...given, simulator: true }
  const all = await listShops(deps.db, wholeScope)
  // Users may rename shops, so a shop is also found by the seller's name. A shop that was never connected has no seller's name.
  const known = new Map([
    ...all.map(({ name, id }) => [name, id] as const),
    ...all.map(({ sellerNick, id }) => [sellerNick, id] as const),
  ])
  const ids: string[] = []
  for (const shop of shops) {
    const connector = deps.connectors.find(({ id, variants }) =>
      [id, ...variants.map((variant) => variant.id)].includes(shop.platform),
    )
    if (connector)
      ids.push(await connectDemoShop(deps, connector, sandboxUrl, { shop, existing: known.get(shop.name) }))
  }
  return ids
}

async function connectDemoShop(
  deps: ConnectDeps,
  connector: Connector,
  sandboxUrl: string,
  { shop, existing }: { shop: DemoShop; existing: string | undefined },
): Promise<string> {
  const credentials = demoCredentials(connector, sandboxUrl, shop)
  const variant = connector.variants.find(({ id }) => id === shop.platform)
  const shopId = await deps.db.transaction().execute(async (tx) => {
    if (existing !== undefined) {
      await setCredentials(tx, deps, { shopId: existing, typed: credentials }, by)
      return existing
    }
    // In the demo, old trades of the simulator are converted too. The go-live time of a real shop is the time of its creation.
    const goLiveAt = new Date(Date.now() - 90 * dayMs).toISOString()
    const input = {
      platform: connector.id,
      name: shop.name,
      goLiveAt,
      credentials,
      settings: { requestsPerSecond: 200 },
    }
    return createShop(tx, deps, variant ? { ...input, variant: variant.id } : input, by)
  })
  // Only a seller's agreement has a token that ends; other shops are live once the platform knows their credentials.
  if (connector.oauth) await adoptToken(deps, shopId, demoToken(shop), by)
  else await verifyShop(deps, shopId, by)
  return shopId
}

function demoToken(shop: DemoShop): Token {
  return {
    accessToken: shop.sessionKey,
    refreshToken: shop.refreshToken,
    expiresAt: new Date(Date.now() + 30 * dayMs),
    refreshExpiresAt: null,
    sellerNick: shop.name,
  }
}

/** Where the goods of the demo come back. The numbers are of no real place. */
const demoAddress = '退货组，0571-12345678，310000，15，1213，3411，山隅家居仓库'

/** The simulator has one secret for all but the posting of messages. The demo has no database of a platform. */
function secretOf(shop: DemoShop, field: string): string {
  if (field === 'pushKey' || field === 'pushToken') return shop[field] ?? ''
  return field === 'rdsPassword' ? '' : shop.appSecret
}

/** Fills the form of a connector: addresses keep their path and get the simulator's host. */
export function demoCredentials(
  connector: Connector,
  sandboxUrl: string,
  shop: DemoShop,
): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [field, property] of Object.entries(connector.credentials.properties)) {
    const schema: object = property
    const preset = 'default' in schema ? String(schema.default) : ''
    if (isSecret(connector, field)) values[field] = secretOf(shop, field)
    else if ('site' in schema) values[field] = sandboxUrl
    else if (/^wss?:/.test(preset))
      values[field] = new URL(new URL(preset).pathname, sandboxUrl.replace(/^http/, 'ws')).href
    else if (/^https?:/.test(preset)) values[field] = new URL(new URL(preset).pathname, sandboxUrl).href
    // A field with an empty default is for what the simulator lacks.
    else if (!('default' in schema)) values[field] = field === 'returnAddress' ? demoAddress : shop.appKey
  }
  return values
}
