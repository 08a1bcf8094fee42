import { parseArgs } from 'node:util'
import { benchConvert } from './convert.ts'
import { startServer } from './database.ts'
import { benchIngest } from './ingest.ts'
import { benchLists } from './lists.ts'
import { machine, writeResults } from './report.ts'
import { openWorld } from './world.ts'

const names = ['ingest', 'convert', 'download', 'lists', 'start', 'web', 'memory'] as const

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rebuild: { type: 'boolean', default: false },
    only: { type: 'string', default: names.join(',') },
    size: { type: 'string' },
  },
})
const size = Number(values.size ?? (values.quick ? 200_000 : 5_000_000))
const only = values.only.split(',')
const unknown = only.filter((name) => !names.some((known) => known === name))
if (unknown.length > 0) throw new Error(`--only takes ${names.join(', ')}, not ${unknown.join(', ')}`)
const wanted = (name: (typeof names)[number]) => only.includes(name)

const facts = machine()
console.log(JSON.stringify(facts))
const server = await startServer()
try {
  const world = await openWorld(server, size, values.rebuild)
  const count = values.quick ? 30_000 : 60_000
  if (wanted('ingest')) await benchIngest(world, server.ring, count)
  if (wanted('convert')) await benchConvert(world, server.ring, count)
  if (wanted('lists')) await benchLists(world, server.ring, values.quick ? 200 : 600)
  process.exitCode = writeResults(size, facts) ? 0 : 1
} finally {
  await server.postgres.stopIfUnused()
}
