import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { pino } from 'pino'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { buildApp } from '../../server/app.ts'
import { loadConfig } from '../../server/config.ts'
import { connectorFor, connectors } from '../../server/connectors/index.ts'
import type { PersonalPart } from '../../server/connectors/personal-parts.ts'
import { type Database, openDatabase } from '../../server/core/db/db.ts'
import { buildLog } from '../../server/core/http/http-log.ts'
import { startPush } from '../../server/intake/push/loop.ts'
import { pushServes } from '../../server/intake/push-state.ts'
import { createLimiter } from '../../server/lib/limiter.ts'
import { type KeyRing, seal } from '../../server/lib/seal.ts'
import { demoCredentials } from '../../server/shops/demo.ts'
import { isSecret } from '../../server/shops/secrets.ts'
import type { ShippingHouse } from '../../server/testing/shipping.ts'
import { until } from '../../server/testing/until.ts'
import { secretHash } from '../../server/users/sign-in/secret-hash.ts'
import { giveShopTasks } from '../../server/worker.ts'
import type { AppShop } from '../app-shop.ts'

/** A real relay process, without a database, which reaches the core through a line that can be cut. */
export type RelayProcess = {
  relayId: string
  /** What it logged since it first started. */
  log(): string
  /** Its environment, as far as the test made it. */
  environment: Record<string, string>
  start(): Promise<void>
  kill(): Promise<void>
  /** Ends every connection between relay and core, and lets none be made until `mend`. */
  cut(): void
  mend(): void
  [Symbol.asyncDispose](): Promise<void>
}

export type RelayOptions = {
  db: Database
  ring: KeyRing
  /** The address of the web process. */
  coreUrl: string
  sandboxUrl: string
  /** Connected shops of the simulator, which are called through the relay from now on. */
  shops: readonly { id: string; key: string }[]
  withhold?: readonly PersonalPart[]
  /** More of the form of each app. */
  credentials?: Readonly<Record<string, string>>
  /** By how much the clock of a relay that starts now is ahead; undefined: it is right. */
  aheadMs?: () => number
}

/** Gives shops to a new relay, takes the secrets of their apps out of our database, and starts the relay's process. */
export async function aRelay(options: RelayOptions): Promise<RelayProcess> {
  const { db, coreUrl, shops } = options
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-relay-'))
  const line = await aLine(coreUrl)
  const key = `sk_${'relay'.repeat(8)}`
  const relayId = await insertRelay(db, key)
  for (const shop of shops) await handToRelay(options, relayId, shop)
  const apps = shops.map(({ key: shopKey }) => appOf(options, shopKey))
  await writeFile(join(folder, 'relay.json'), JSON.stringify({ core: line.url, key, apps }))
  const environment = { DATA_DIR: folder, SIMULATOR: '1', LOG_LEVEL: 'info', PATH: process.env['PATH'] ?? '' }
  let child: ChildProcess | undefined
  let log = ''
  const relay: RelayProcess = {
    relayId,
    log: () => log,
    environment,
    async start() {
      let own = ''
      const script = fileURLToPath(new URL('../../server/relay.ts', import.meta.url))
      const clock = new URL('../clock.ts', import.meta.url).href
      const begun = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--import', clock, script],
        {
          env: { ...environment, CLOCK_AHEAD_MS: String(options.aheadMs?.() ?? 0) },
          stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        },
      )
      child = begun
      const take = (chunk: Buffer) => {
        own += chunk.toString()
        log += chunk.toString()
      }
      begun.stdout?.on('data', take)
      begun.stderr?.on('data', take)
      await until(() => own.includes('"relaying"') || begun.exitCode !== null, 30_000)
      if (begun.exitCode !== null) throw new Error(`The relay ended:\n${own}`)
    },
    async kill() {
      const gone = child
      child = undefined
      if (!gone || gone.exitCode !== null || gone.signalCode !== null) return
      const exit = once(gone, 'exit')
      gone.kill('SIGKILL')
      await exit
    },
    cut: line.cut,
    mend: line.mend,
    async [Symbol.asyncDispose]() {
      await relay.kill()
      await line.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await relay.start()
  return relay
}

/** Calls the shop through a relay from now on. Its web process runs here. All end with the tests of the file. */
export async function relayOf(
  { house }: AppShop,
  credentials: Readonly<Record<string, string>> = {},
): Promise<RelayProcess> {
  const database = openDatabase(house.databaseUrl, { max: 4 })
  const config = loadConfig({ PORT: '0', SIMULATOR: '1' })
  const log = buildLog({ logLevel: 'silent' }, 'web')
  const web = await buildApp({ db: database.db, pool: database.pool, config, ring: house.ring, log })
  const coreUrl = await web.listen({ port: 0, host: '127.0.0.1' })
  const relay = await aRelay({
    ...{ db: house.db, ring: house.ring, coreUrl, sandboxUrl: house.sandbox.url, credentials },
    shops: [{ id: house.shopId, key: house.sandbox.world.shops[0]?.key ?? '' }],
  })
  after(async () => {
    await relay[Symbol.asyncDispose]()
    await web.close()
    await database.close()
  })
  return relay
}

/** Starts what a worker does for push, and waits until the messages of the shop come. */
export async function pushThrough(house: ShippingHouse, platform: string): Promise<AsyncDisposable> {
  const connector = connectorFor(platform)
  if (!connector) throw new Error(`no connector ${platform}`)
  await house.run((tx) => giveShopTasks(tx, { id: house.shopId }, connector))
  const deps = { db: house.db, ring: house.ring, connectors, simulator: true, limiter: createLimiter() }
  const push = startPush({ deps, log: pino({ level: 'silent' }), everyMs: 50 })
  await until(() => pushServes(house.db, house.shopId), 20_000)
  return { [Symbol.asyncDispose]: () => push.stop() }
}

function appOf({ sandboxUrl, withhold = [], credentials = {} }: RelayOptions, shopKey: string) {
  const shop = demoShops.find(({ key }) => key === shopKey)
  const connector = connectorFor(shop?.platform === 'tmall' ? 'taobao' : (shop?.platform ?? ''))
  if (!shop || !connector) throw new Error(`no shop ${shopKey}`)
  const form = { ...demoCredentials(connector, sandboxUrl, shop), ...credentials }
  return { platform: connector.id, credentials: form, withhold }
}

async function insertRelay(db: Database, key: string): Promise<string> {
  const made = await sql<{ id: string }>`
    with person as (
      insert into app_user (email, name, all_shops, shop_ids) values ('relays@example.com', '管理员', true, '{}') returning id
    ), part as (
      insert into role (name, permissions) values ('relays', '{*}') returning id
    ), granted as (
      insert into user_role (user_id, role_id) select person.id, part.id from person, part
    ), key as (
      insert into api_key (name, prefix, key_hash, permissions, created_by)
      select '中继', 'sk_relay', ${secretHash(key)}, '{relays.serve}', id from person returning id
    )
    insert into relay (name, key_id) select '聚石塔', id from key returning id`.execute(db)
  return made.rows[0]?.id ?? ''
}

async function handToRelay(
  options: RelayOptions,
  relayId: string,
  shop: { id: string; key: string },
): Promise<void> {
  const { platform, credentials } = appOf(options, shop.key)
  const connector = connectorFor(platform)
  const open = Object.entries(credentials).filter(([field]) => connector && !isSecret(connector, field))
  const sealed = seal(options.ring, shop.id, JSON.stringify(Object.fromEntries(open)))
  await sql`
    update shop set relay_id = ${relayId}::bigint, credentials = ${sealed} where id = ${shop.id}::bigint`.execute(
    options.db,
  )
}

/** A port that passes everything on to another one until it is cut. */
async function aLine(target: string) {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    for (const one of [near, far]) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      isCut = true
      end()
    },
    mend() {
      isCut = false
    },
    async close() {
      end()
      await new Promise((settle) => server.close(settle))
    },
  }
}
