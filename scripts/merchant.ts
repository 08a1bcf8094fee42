// npm run merchant -- …: the commands for an operator of many merchants (docs/guide). Also while their processes run.
import { parseArgs } from 'node:util'
import { loadConfig } from '../server/config.ts'
import { type Directory, openDirectory } from '../server/core/directory/directory.ts'
import { listMerchants, putServer } from '../server/core/directory/merchants.ts'
import { addMerchant } from '../server/merchants/add.ts'

const usage = `npm run merchant -- server NAME postgres://… [--pooler HOST:PORT]
npm run merchant -- list
npm run merchant -- add KEY --server NAME --host HOST[,HOST…]`

const config = loadConfig()
const say = (line: string) => console.log(line)

type Given = { args: string[]; host: string[]; server: string | undefined; pooler: string | undefined }

const commands: Record<string, (directory: Directory, given: Given) => Promise<void>> = {
  async server(directory, { args: [name = '', ownerUrl = ''], pooler = null }) {
    if (!URL.canParse(ownerUrl)) throw new Error(usage)
    await putServer(directory, { name, ownerUrl, pooler })
  },
  async list(directory) {
    for (const one of await listMerchants(directory))
      say([one.key, one.state, one.server, one.hosts.join(','), one.worker ?? '-'].join('  '))
  },
  async add(directory, { args: [key = ''], server, host }) {
    if (server === undefined || host.length === 0) throw new Error(usage)
    const link = await addMerchant(directory, { key, server, hosts: host, publicUrl: config.publicUrl, say })
    say(link)
  },
}

const { values, positionals } = parseArgs({
  options: { host: { type: 'string' }, server: { type: 'string' }, pooler: { type: 'string' } },
  allowPositionals: true,
})
const [name = '', ...args] = positionals
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!command) {
  console.error(usage)
  process.exit(2)
}
const directory = await openDirectory(config)
try {
  const host = (values.host ?? '').split(',').filter(Boolean)
  await command(directory, { args, host, server: values.server, pooler: values.pooler })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await directory.close()
}
