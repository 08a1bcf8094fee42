// npm run psql [-- demo | dev] [-- -c 'select …']: opens psql for the database of the running server, as the owner of the tables.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../server/config.ts'
import { runningPort, startPostgres } from '../server/core/embedded/postgres.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

const config = loadConfig()
const folders = {
  house: join(config.dataDir, 'postgres'),
  demo: join(config.dataDir, 'demo/postgres'),
  dev: join(root, 'data/dev/demo/postgres'),
}

const [first = '', ...others] = process.argv.slice(2)
const named = Object.hasOwn(folders, first)
const settled = config.databaseOwnerUrl ?? config.databaseUrl
const address = await addressOf(named ? [first] : Object.keys(folders))
if (address === undefined) {
  console.error('没有三易在运行 · No Sanyi runs here. Start one with npm start, npm run demo or npm run dev.')
  process.exit(1)
}
openPsql(new URL(address), named || first === '' ? others : [first, ...others])

/** Returns the address from the environment, otherwise of the first embedded database that runs. Starts none. */
async function addressOf(names: string[]): Promise<string | undefined> {
  if (settled !== undefined && !named) return settled
  for (const [name, dataDir] of Object.entries(folders)) {
    if (!names.includes(name)) continue
    if (!(await runningPort(dataDir).catch(() => undefined))) continue
    return (await startPostgres({ dataDir, insist: true })).url
  }
  return undefined
}

function openPsql(address: URL, args: string[]): void {
  // Every user of the machine sees the arguments of a process, but not its environment.
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(address.password) }
  address.password = ''
  console.error(address.href)
  const child = spawn('psql', [address.href, ...args], { stdio: 'inherit', env })
  // Ctrl-C ends a statement in psql but not psql, so it must not end this process.
  process.on('SIGINT', () => {})
  child.once('error', () => {
    console.error(
      '这台机器没有 psql，先装上 · This machine has no psql: install it (apt-get install postgresql-client, brew install libpq)',
    )
    if (settled === undefined || named)
      console.error(
        '或用别的程序打开上面的地址，密码在数据库文件夹旁边 · or open the address above with any client; ' +
          'the password is in the file NAME.password beside the database’s folder.',
      )
    process.exitCode = 1
  })
  child.once('exit', (code) => {
    process.exitCode = code ?? 1
  })
}
