import assert from 'node:assert/strict'
import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import { type Caller, callerAt } from '../../server/testing/app.ts'
import { compareBooks, type Span } from './books.ts'
import { account, embeddedUrl, type Machine, openMachine } from './machine.ts'

/** What the merchant has by now. A chapter changes it. */
export type Month = {
  folder: string
  /** The archive of the release. */
  archive: string
  /** Unpacks the version that the merchant has. */
  install(machine: Machine): Promise<void>
  sandbox: RunningSandbox
  shopKeys: readonly string[]
  /** The machine on which the merchant works, and all that were opened. */
  machine: Machine
  machines: Machine[]
  /** The administrator; nobody until the first sign-in. */
  boss: Caller
  /** The database; undefined: the embedded one of the machine. */
  databaseUrl: string | undefined
  /** A disk elsewhere, where backups and the copy of the keys go. */
  elsewhere: string
  /** The platform's events after the backup from which everything was restored; undefined: nothing was. */
  forgotten: Span | undefined
  /** Calls these functions at the end. */
  defer(end: () => Promise<void>): void
}

/** Lives a part of the month and returns what it was, in a few words. */
export type Chapter = (month: Month) => Promise<string>

/** Large enough for everything; `fullDisk` fills it. */
const diskMegabytes = 600

export async function openMonth(
  archive: string,
): Promise<{ month: Month; [Symbol.asyncDispose](): Promise<void> }> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-month-'))
  await chmod(folder, 0o755)
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const shopKeys = ['shanyu-tmall', 'shanyu-taobao']
  const sandbox = await startPlatform('month', shopKeys)
  stack.defer(() => sandbox.close())
  const elsewhere = join(folder, 'elsewhere')
  await mkdir(elsewhere)
  await chown(elsewhere, account, account)
  const machines: Machine[] = []
  stack.defer(async () => {
    for (const machine of machines) await machine.lose()
  })
  const machine = await openMachine(folder, 'laptop', diskMegabytes)
  machines.push(machine)
  const owned = stack.move()
  const month: Month = {
    ...{ folder, archive, sandbox, shopKeys, machine, machines, elsewhere },
    install: (one) => one.install(archive),
    boss: callerAt(machine.url, '', ''),
    ...{ databaseUrl: undefined, forgotten: undefined },
    defer: (end) => owned.defer(end),
  }
  return { month, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function startPlatform(seed: string, keys: readonly string[]): Promise<RunningSandbox> {
  return startSandbox({
    ...{ port: 0, seed, rate: null, spreadSeconds: 86_400 },
    shops: demoShops.filter(({ key }) => keys.includes(key)).map((shop) => ({ ...shop, trades: 20 })),
  })
}

/** Another world of platforms, with the first of the shops. */
export async function openPlatform(month: Month, seed: string): Promise<RunningSandbox> {
  const platform = await startPlatform(seed, month.shopKeys.slice(0, 1))
  month.defer(() => platform.close())
  return platform
}

export async function anotherMachine(month: Month, name: string): Promise<Machine> {
  const machine = await openMachine(month.folder, name, diskMegabytes)
  month.machines.push(machine)
  return machine
}

export const databaseOf = async ({ databaseUrl, machine }: Month): Promise<string> =>
  databaseUrl ?? embeddedUrl(machine)

/** Compares the books and says what is in them. */
export async function booksEqual(
  month: Month,
  machines: readonly Machine[] = [month.machine],
): Promise<string> {
  const { boss: who, sandbox, forgotten } = month
  const databaseUrl = await databaseOf(month)
  const { trades, refunds, orders, shipped } = await compareBooks({
    ...{ who, sandbox, databaseUrl, machines, forgotten },
  })
  return `books equal: ${trades} trades, ${refunds} refunds, ${orders} orders, ${shipped} parcels`
}

/** The newest backup elsewhere. */
export async function backupOf({ elsewhere }: Month): Promise<string> {
  const names = (await readdir(elsewhere)).filter((name) => name.startsWith('sanyi-')).toSorted()
  return join(elsewhere, names.at(-1) ?? assert.fail('no backup'))
}
