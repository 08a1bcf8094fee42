import type pg from 'pg'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { noRestartCode, StartError } from '../../lib/stopping.ts'
import { chinaMinute } from '../../lib/time.ts'
import { megabytes, readDisk } from '../db/disk.ts'
import { contractionOf, migrationFolder, textOf } from '../db/migration-files.ts'
import { lastBackup } from './last-backup.ts'
import { programText, thisProgram } from './program.ts'

type Queried = Pick<pg.Client, 'query'>

/**
 * `isEmbedded`: the database is on the disk of the data folder. `anyway`: a fault is shown, and the upgrade goes on. `backup`: the command of a
 * backup, before its folder; undefined: that of one installation.
 */
export type UpgradeSettings = { dataDir: string; isEmbedded: boolean; anyway: boolean; backup?: string }

/** A new index needs room, and PostgreSQL's log needs some for each changed row. */
const neededBytes = 200_000_000
const neededShare = 0.1
/** A nightly backup and some hours more. */
const oldHours = 36

/** `facts`: lines for a person. `faults`: the reasons for which the upgrade should not begin. */
export type UpgradeLook = { facts: LocalizedText[]; faults: LocalizedText[] }

/** Looks at the room, the backup and the steps of an upgrade. A database without users and shops has nothing to lose: undefined. */
export async function lookAtUpgrade(
  client: Queried,
  names: readonly string[],
  settings: Omit<UpgradeSettings, 'anyway'>,
): Promise<UpgradeLook | undefined> {
  if (!(await hasUsersOrShops(client))) return undefined
  const room = await lookAtRoom(client, settings)
  const backup = await lookAtBackup(client, settings)
  return {
    facts: [...room.facts, ...backup.facts, ...(await stepsOf(names))],
    faults: [...room.faults, ...backup.faults],
  }
}

/** Says what an upgrade will do, and throws a StartError if the room or a backup is missing. */
export async function beforeUpgrade(
  client: Queried,
  names: readonly string[],
  settings: UpgradeSettings & { say: (line: string) => void },
): Promise<void> {
  const look = await lookAtUpgrade(client, names, settings)
  if (!look) return
  const { say, anyway } = settings
  const program = programText(await thisProgram())
  say(`升级到 ${program}，${names.length} 步 · Upgrading to ${program}: ${names.length} steps`)
  for (const { zh, en } of look.facts) say(`  ${zh === en ? zh : `${zh} · ${en}`}`)
  if (look.faults.length === 0) return
  if (anyway) {
    for (const { zh, en } of look.faults) say(`  ${zh} · ${en}`)
    return
  }
  throw new StartError(refusalOf(look.faults), noRestartCode)
}

function refusalOf(faults: readonly LocalizedText[]): string {
  return [
    '没有升级，数据库没有动过。',
    ...faults.map(({ zh }) => `  ${zh}`),
    '  已另有备份、仍要升级：--upgrade-anyway（或 UPGRADE_ANYWAY=1）',
    'The upgrade did not begin, and nothing was changed.',
    ...faults.map(({ en }) => `  ${en}`),
    '  To upgrade nevertheless, with a backup of your own: --upgrade-anyway (or UPGRADE_ANYWAY=1)',
  ].join('\n')
}

async function hasUsersOrShops(client: Queried): Promise<boolean> {
  const exists = await client.query<{ ready: boolean }>(
    `select to_regclass('app_user') is not null and to_regclass('shop') is not null as ready`,
  )
  if (!exists.rows[0]?.ready) return false
  const { rows } = await client.query<{ used: boolean }>(
    'select exists (select from app_user) or exists (select from shop) as used',
  )
  return rows[0]?.used ?? false
}

async function lookAtRoom(
  client: Queried,
  { dataDir, isEmbedded }: Omit<UpgradeSettings, 'anyway'>,
): Promise<UpgradeLook> {
  const { rows } = await client.query<{ version: string; bytes: number }>(
    `select current_setting('server_version') as version, pg_database_size(current_database())::float8 as bytes`,
  )
  const { version, bytes } = rows[0] ?? { version: '', bytes: 0 }
  const size = megabytes(bytes)
  const facts = [
    { zh: `PostgreSQL ${version}，数据库 ${size}`, en: `PostgreSQL ${version}, a database of ${size}` },
  ]
  const disk = isEmbedded ? await readDisk(dataDir) : undefined
  if (!disk)
    return {
      facts: [
        ...facts,
        {
          zh: '数据库在别的服务器上，请看那里的磁盘',
          en: 'The database is on a server of its own: see the disk there',
        },
      ],
      faults: [],
    }
  const left = megabytes(disk.freeBytes)
  const needed = neededBytes + bytes * neededShare
  const wanted = megabytes(needed)
  const fault = {
    zh: `磁盘只剩 ${left}，升级约需 ${wanted}`,
    en: `The disk has ${left} left, and the upgrade needs about ${wanted}`,
  }
  return {
    facts: [...facts, { zh: `磁盘剩 ${left}`, en: `${left} left on the disk` }],
    faults: disk.freeBytes < needed ? [fault] : [],
  }
}

async function lookAtBackup(
  client: Queried,
  { dataDir, backup = 'npm run backup --' }: Omit<UpgradeSettings, 'anyway'>,
): Promise<UpgradeLook> {
  const last = await lastBackup(client, dataDir)
  const at = last && chinaMinute(last.at)
  const fact = at
    ? { zh: `上一次备份 ${at}`, en: `The last backup is of ${at}` }
    : { zh: '没有已知的备份', en: 'No backup is known' }
  if (last && last.hours <= oldHours) return { facts: [fact], faults: [] }
  const remedy = { zh: `先运行 ${backup} 文件夹`, en: `run ${backup} FOLDER first` }
  return {
    facts: [fact],
    faults: [
      {
        zh: `${at ? `${oldHours} 小时内没有备份` : '没有备份'}：${remedy.zh}`,
        en: `${at ? `There is no backup of the last ${oldHours} hours` : 'There is no backup'}: ${remedy.en}`,
      },
    ],
  }
}

/** The steps, each with the first line of its file, which says its purpose. */
async function stepsOf(names: readonly string[]): Promise<LocalizedText[]> {
  return Promise.all(
    names.map(async (name) => {
      const text = await textOf(migrationFolder, name)
      const [, first = ''] = /^-- (.*)$/m.exec(text) ?? []
      const line = `${name}${contractionOf(text) ? ' (older programs end · 旧程序会结束)' : ''}: ${first}`
      return { zh: line, en: line }
    }),
  )
}
