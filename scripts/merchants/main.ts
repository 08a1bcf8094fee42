// npm run merchant -- COMMAND …: the commands for an operator of many merchants, also while their processes run (docs/operations.md).
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadConfig, storageOf } from '../../server/config.ts'
import { sumOf } from '../../server/core/backup/manifest.ts'
import { backupInto } from '../../server/core/backup/place.ts'
import { type Directory, openDirectory } from '../../server/core/directory/directory.ts'
import {
  applicationUrlOf,
  keyPathOf,
  listMerchants,
  merchantOf,
  ownerUrlOf,
  publicUrlOf,
  putHosts,
  putServer,
  serverOf,
} from '../../server/core/directory/merchants.ts'
import { noteBackup } from '../../server/core/upgrade/last-backup.ts'
import { addMerchant } from '../../server/merchants/add.ts'
import { dropMerchant } from '../../server/merchants/drop.ts'
import { migrateMerchants } from '../../server/merchants/migrate.ts'
import { clearFormer, moveMerchant } from '../../server/merchants/move.ts'
import { resumeMerchant, suspendMerchant } from '../../server/merchants/suspend.ts'

/** The commands that `run` gives to one installation; those that change the processes or the folder of all are not among them. */
const ofOne = ['admin', 'doctor', 'keys', 'psql', 'restore', 'check-audit']

const usage = `npm run merchant -- server NAME postgres://OWNER… [--pooler HOST:PORT]   a server, or its new address
npm run merchant -- list
npm run merchant -- add KEY --server NAME --host HOST[,HOST…]
npm run merchant -- host KEY --host HOST[,HOST…]
npm run merchant -- suspend KEY | resume KEY
npm run merchant -- move KEY --to SERVER          the database on the former server stays, closed
npm run merchant -- clear KEY --server FORMER     drops that one
npm run merchant -- backup KEY PLACE
npm run merchant -- migrate [KEY] [--upgrade-anyway]   after an upgrade of the program, and a backup
npm run merchant -- run KEY ${ofOne.join('|')} …   a command of one installation
npm run merchant -- drop KEY --yes                its database is gone; its keys stay`

const config = loadConfig()
const say = (line: string) => console.log(line)

type Given = {
  args: string[]
  values: {
    host?: string
    server?: string
    pooler?: string
    to?: string
    yes?: boolean
    'upgrade-anyway'?: boolean
  }
}
type Command = (directory: Directory, key: string, given: Given) => Promise<void>

const needed = (text: string | undefined): string => {
  if (!text) throw new Error(usage)
  return text
}
const hostsOf = (text: string | undefined) => needed(text).split(',').filter(Boolean)

const commands: Record<string, Command> = {
  async server(directory, name, { args: [ownerUrl = ''], values: { pooler = null } }) {
    if (!URL.canParse(ownerUrl)) throw new Error(usage)
    await putServer(directory, { name, ownerUrl, pooler })
  },
  async list(directory) {
    for (const one of await listMerchants(directory))
      say([one.key, one.state, one.server, one.hosts.join(','), one.worker ?? '-'].join('  '))
  },
  async add(directory, key, { values: { server, host } }) {
    const wanted = { key, server: needed(server), hosts: hostsOf(host), publicUrl: config.publicUrl, say }
    const link = await addMerchant(directory, wanted)
    say(`${key} 已开通 · ${key} is ready. ${keyPathOf(directory, key)} 要另存 · keep its keys elsewhere too`)
    if (link) say(`首次设置 Set up: ${link}`)
  },
  host: (directory, key, { values: { host } }) => putHosts(directory, key, hostsOf(host)),
  suspend: suspendMerchant,
  resume: resumeMerchant,
  move: (directory, key, { values: { to } }) =>
    moveMerchant(directory, { key, to: needed(to), staging: join(config.dataDir, 'moves'), say }),
  clear: (directory, key, { values: { server } }) => clearFormer(directory, key, needed(server)),
  async backup(directory, key, { args: [place] }) {
    const merchant = await merchantOf(directory, key)
    const url = ownerUrlOf(directory, merchant, await serverOf(directory, merchant.server))
    const { folder, manifest } = await backupInto({ url, place: needed(place) }, storageOf(config))
    await noteBackup(dirname(keyPathOf(directory, key)), manifest.takenAt)
    say(`${folder}  ${sumOf(manifest, 'rows')} rows, ${(sumOf(manifest, 'bytes') / 1e6).toFixed(1)} MB`)
  },
  migrate: (directory, key, { values }) =>
    migrateMerchants(directory, {
      key: key || undefined,
      anyway: values['upgrade-anyway'] === true || config.upgradeAnyway,
      say,
    }),
  async run(directory, key, { args }) {
    if (!ofOne.includes(args[0] ?? '')) throw new Error(usage)
    const merchant = await merchantOf(directory, key)
    // The processes of an active merchant would write into a database that is being replaced, and go on with rows and keys of before.
    if (args[0] === 'restore' && merchant.state !== 'suspended')
      throw new Error(
        `商家 ${key} 是 ${merchant.state}:先 suspend ${key},恢复后再 resume ${key} · ` +
          `Merchant ${key} is ${merchant.state}: suspend ${key} before a restore, and resume ${key} after it`,
      )
    const server = await serverOf(directory, merchant.server)
    const launcher = fileURLToPath(new URL('../launch.js', import.meta.url))
    const { status } = spawnSync(process.execPath, [launcher, ...args], {
      stdio: 'inherit',
      env: {
        ...process.env,
        DATABASE_URL: applicationUrlOf(directory, merchant, server),
        DATABASE_OWNER_URL: ownerUrlOf(directory, merchant, server),
        SEALING_KEY_PATH: keyPathOf(directory, key),
        PUBLIC_URL: publicUrlOf(config.publicUrl, merchant),
        DATA_DIR: join(directory.keysFolder, key),
      },
    })
    process.exitCode = status ?? 1
  },
  async drop(directory, key, { values: { yes } }) {
    if (!yes) throw new Error(usage)
    await dropMerchant(directory, key)
  },
}

const options = {
  host: { type: 'string' },
  server: { type: 'string' },
  pooler: { type: 'string' },
  to: { type: 'string' },
  yes: { type: 'boolean' },
  'upgrade-anyway': { type: 'boolean' },
} as const
const [, , name = '', ...given] = process.argv
// The options of another command are its own.
const parsed =
  name === 'run'
    ? { values: {}, positionals: given }
    : parseArgs({ args: given, options, allowPositionals: true })
const [key = '', ...args] = parsed.positionals
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!command || (key === '' && name !== 'list' && name !== 'migrate')) {
  console.error(usage)
  process.exit(2)
}
try {
  const directory = await openDirectory(config)
  await command(directory, key, { args, values: parsed.values }).finally(directory.close)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
