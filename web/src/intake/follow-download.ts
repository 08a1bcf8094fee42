import { get } from '../api.ts'
import { queries } from '../queries.ts'
import { toast } from '../ui/toasts.tsx'
import { say } from '../words.ts'
import type { QueueRow } from './types.ts'
import { fetchErrorText } from './words.ts'

const lookMs = 700
const longestMs = 60_000

/** Looks after what was pressed 下载 until it is here, or it is known why not; a toast tells the end. */
export async function followDownload(pressed: readonly Pick<QueueRow, 'tid' | 'shopId'>[]): Promise<void> {
  if (pressed.length === 0) return
  const began = Date.now()
  const tids = pressed.map(({ tid }) => tid).join(',')
  const shopId = [...new Set(pressed.map((row) => row.shopId))].join(',')
  const trades = { label: say(['看交易', 'View the trades']), to: `/staged-trades?tids=${tids}` }
  while (Date.now() - began < longestMs) {
    await new Promise((settle) => setTimeout(settle, lookMs))
    const [waiting, fetching, runs] = await Promise.all([
      rowsOf(get('/download-queue', { tids, limit: 200 })),
      rowsOf(get('/staged-trades', { tab: 'fetching', tids, limit: 200 })),
      rowsOf(get('/task-runs', { kind: 'trade_detail', shopId, limit: 10 })),
    ])
    const failed = fetching.filter(({ fetch }) => fetch?.error)
    const broken = runs.find(
      (run) =>
        run.state === 'failed' && run.requestedBy !== null && Date.parse(run.requestedAt) > began - 5000,
    )
    if (waiting.length + fetching.length - failed.length > 0 && !broken) continue
    await queries.invalidateQueries()
    const came = pressed.length - waiting.length - fetching.length
    if (came > 0) toast('ok', say(['{n} 条已下载', '{n} downloaded'], { n: came }), trades)
    if (failed[0]) {
      const why = fetchErrorText(failed[0].fetch?.error ?? '', say)
      toast('bad', say(['{n} 条下载失败：{why}', '{n} failed: {why}'], { n: failed.length, why }), trades)
    } else if (broken)
      toast('bad', say(['下载失败：{why}', 'The download failed: {why}'], { why: broken.error }), {
        label: say(['看运行', 'View the run']),
        to: `/tasks?tab=trade_detail&open=${broken.id}`,
      })
    return
  }
  toast('warn', say(['还在下载，一分钟没有下完', 'Still downloading after a minute']), {
    label: say(['看运行', 'View the runs']),
    to: '/tasks?tab=trade_detail',
  })
}

/** What somebody may not read says nothing of how it ended. */
async function rowsOf<Row>(asked: Promise<{ rows: Row[] }>): Promise<Row[]> {
  return asked.then(
    ({ rows }) => rows,
    () => [],
  )
}
