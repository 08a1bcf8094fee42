import { sql } from 'kysely'
import type { Connector } from '../../connectors/connector.ts'
import { channelName, type PushSource } from '../../connectors/push.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Claimant } from '../../core/jobs/engine.ts'
import { wakeTask } from '../../core/tasks/tasks.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { assertUsable } from '../../shops/credentials.ts'
import { liveCredentials } from '../../shops/tokens.ts'
import { isLive } from '../push-state.ts'

type ChannelDeps = {
  db: Database
  ring: KeyRing
  connectors: readonly Connector[]
  simulator: boolean
}

/** A channel with the credentials of its shops. They may differ while a secret is being changed, so each is tried in turn. */
export type Channel = {
  channel: string
  platform: string
  push: PushSource
  apps: Readonly<Record<string, string>>[]
  shopIds: string[]
  /** The relays of shops that are called through one. A relay has the secrets of their app. */
  relayIds: string[]
}

/** A channel with a connection that a worker or a relay holds, to the platform's messages or to the database with its rows. */
export type SocketChannel = Channel & { push: Extract<PushSource, { socket: unknown }> }
export const isSocket = (channel: Channel): channel is SocketChannel => 'socket' in channel.push
/** True for a channel whose connection a worker can open: it has the secrets of the app. */
export const isOurs = (channel: Channel): channel is SocketChannel =>
  isSocket(channel) && channel.apps.length > 0

/** Returns the channel of every app whose shops are live and have push switched on. */
export async function wantedChannels(deps: ChannelDeps): Promise<Channel[]> {
  const channels = new Map<string, Channel>()
  for (const { shop, credentials } of await liveCredentials(deps.db, deps.ring)) {
    const connector = deps.connectors.find(({ id }) => id === shop.platform)
    if (!connector?.push || !shop.settings.push) continue
    const app = usable(deps, connector, credentials)
    const channel = app && channelName(shop.platform, connector.push, app)
    if (!app || !channel) continue
    const known = channels.get(channel) ?? {
      ...{ channel, platform: shop.platform, push: connector.push },
      ...{ apps: [], shopIds: [], relayIds: [] },
    }
    channels.set(channel, known)
    known.shopIds.push(shop.id)
    if (shop.relayId !== null) {
      if (!known.relayIds.includes(shop.relayId)) known.relayIds.push(shop.relayId)
    } else if (!known.apps.some((one) => JSON.stringify(one) === JSON.stringify(app))) known.apps.push(app)
  }
  return [...channels.values()]
}

/** Undefined: an address is not allowed, for example that of a simulator. */
function usable({ simulator }: ChannelDeps, connector: Connector, app: Record<string, string>) {
  try {
    assertUsable(connector, app, simulator)
    return app
  } catch {
    return undefined
  }
}

/** Writes which channels there are and which shops they serve. Any number of workers may do so at once. */
export async function writeChannels(db: Database, channels: readonly Channel[]): Promise<void> {
  const shops = channels.flatMap(({ channel, shopIds }) => shopIds.map((shopId) => ({ channel, shopId })))
  await db.transaction().execute(async (tx) => {
    // One at a time, because shops and channels of two workers would otherwise be locked in different orders.
    await sql`select pg_advisory_xact_lock(hashtextextended('push.channels', 0))`.execute(tx)
    await sql`
      insert into push_channel (channel, platform, posted)
      select channel, platform, posted from ${unnestRows('d', channels, [
        ['channel', 'text', (row) => row.channel],
        ['platform', 'text', (row) => row.platform],
        ['posted', 'bool', (channel) => !isSocket(channel)],
      ])} on conflict (channel) do nothing`.execute(tx)
    await sql`
      delete from push_shop where shop_id <> all(${shops.map(({ shopId }) => shopId)}::bigint[])`.execute(tx)
    await sql`
      insert into push_shop as p (shop_id, channel)
      select shop_id, channel from ${unnestRows('d', shops, [
        ['shop_id', 'int8', (row) => row.shopId],
        ['channel', 'text', (row) => row.channel],
      ])}
      on conflict (shop_id) do update set channel = excluded.channel, permit_version = null, permitted_at = null,
        permit_error_code = '', permit_next_at = now(), heard_at = null, missed_at = null
      where p.channel <> excluded.channel`.execute(tx)
    await sql`
      delete from push_channel c where channel <> all(${channels.map(({ channel }) => channel)}::text[])
        and not exists (select from push_shop p where p.channel = c.channel)`.execute(tx)
  })
}

/** What a worker knows of a channel that it holds or wants. `heardMs`: the milliseconds since the last sign; null: none on this connection. */
type ChannelSign = { channel: string; heardMs: number | null; errorCode: string }

/**
 * Takes or keeps these channels for the worker, and writes their states. Returns those that it holds. A channel that another worker holds
 * is left out until that worker gives no sign of life.
 */
export async function holdChannels(
  db: Database,
  { worker, leaseMs }: Claimant,
  signs: readonly ChannelSign[],
): Promise<Set<string>> {
  const held = await sql<Row<'push_channel', 'channel'>>`
    with free as (
      select c.channel, d.heard_ms, d.error_code
      from push_channel c join ${unnestRows('d', signs, [
        ['channel', 'text', (row) => row.channel],
        ['heard_ms', 'int4', ({ heardMs }) => (heardMs === null ? null : Math.round(heardMs))],
        ['error_code', 'text', (row) => row.errorCode],
      ])} on d.channel = c.channel
      where c.worker = ${worker} or c.worker is null or c.lease_until < now()
      order by c.channel for update of c skip locked
    )
    update push_channel c set worker = ${worker}, lease_until = now() + ${leaseMs}::int * interval '1 millisecond',
      heard_at = coalesce(now() - free.heard_ms * interval '1 millisecond', c.heard_at),
      opened_at = case when free.heard_ms is null then c.opened_at else coalesce(c.opened_at, now()) end,
      silent_since = case when free.heard_ms is null then c.silent_since end,
      error_code = free.error_code
    from free where c.channel = free.channel
    returning c.channel`.execute(db)
  return new Set(held.rows.map(({ channel }) => channel))
}

/** Gives channels back, so that another worker takes them at once. */
export async function leaveChannels(
  db: Database,
  worker: string,
  channels: readonly string[],
): Promise<void> {
  await sql`
    update push_channel set worker = null, lease_until = null
    where worker = ${worker} and channel = any(${[...channels]}::text[])`.execute(db)
}

/** The tasks whose pace push slows. */
const lists = ['trade_list', 'refund_list']

/** Marks the channels that have become silent, and lets the lists of their shops be read at once. Returns these channels. */
export async function endSilent(db: Database): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    const silent = await sql<Row<'push_channel', 'channel'>>`
      update push_channel set opened_at = null, silent_since = coalesce(heard_at, now())
      where channel in (
        select c.channel from push_channel c where c.opened_at is not null and not ${isLive}
        order by c.channel for update skip locked)
      returning channel`.execute(tx)
    const channels = silent.rows.map(({ channel }) => channel)
    if (channels.length === 0) return []
    const shops = await sql<Row<'push_shop', 'shopId'>>`
      select shop_id as "shopId" from push_shop where channel = any(${channels}::text[]) order by shop_id`.execute(
      tx,
    )
    for (const kind of lists) await wakeTask(tx, kind, ...shops.rows.map(({ shopId }) => shopId))
    return channels
  })
}
