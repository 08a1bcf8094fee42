import { get } from '../../api.ts'
import { queries } from '../../queries.ts'
import { troubleText } from '../../ui/base/code-words.ts'
import { isForbidden } from '../../ui/base/every.ts'
import { type Me, meQuery } from '../../ui/base/session.ts'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, say } from '../../words.ts'
import type { QueueRow } from '../types.ts'
import { fetchErrorText } from '../words.ts'

const lookMs = 700
const longestMs = 60_000
/** The most trades that are followed: one page of a list. */
const followedMost = 200

type Pressed = readonly Pick<QueueRow, 'tid' | 'shopId'>[]

/**
 * Reads again and again the trades whose download the user has requested, until they are here, have failed, or a minute has passed. A toast
 * shows the result.
 */
export async function followDownload(pressed: Pressed): Promise<void> {
  const followed = pressed.slice(0, followedMost)
  // Without the permission to read trades, the result cannot be shown.
  if (followed.length === 0 || !may('trades.read')) return
  const began = Date.now()
  const tids = followed.map(({ tid }) => tid).join(',')
  const trades = { label: say(['看交易', 'View the trades']), to: `/staged-trades?tids=${tids}` }
  while (Date.now() - began < longestMs) {
    await new Promise((settle) => setTimeout(settle, lookMs))
    const looked = await look(followed, tids).catch((error: unknown) =>
      isForbidden(error) ? 'forbidden' : undefined,
    )
    if (looked === 'forbidden') return
    // The request failed, so the state is unknown.
    if (looked === undefined) continue
    const { waiting, fetching, runs } = looked
    const failed = fetching.filter(({ fetch }) => fetch?.error)
    const broken = runs.find(
      (run) =>
        run.state === 'failed' && run.requestedBy !== null && Date.parse(run.requestedAt) > began - 5000,
    )
    if (waiting.length + fetching.length - failed.length > 0 && !broken) continue
    await queries.invalidateQueries()
    const came = followed.length - waiting.length - fetching.length
    if (came > 0) toast('ok', say(['{n} 条已下载', '{n} downloaded'], { n: came }), trades)
    if (failed[0]) {
      const why = fetchErrorText(failed[0].fetch?.error ?? '', say)
      toast('bad', say(['{n} 条下载失败：{why}', '{n} failed: {why}'], { n: failed.length, why }), trades)
    } else if (broken)
      toast(
        'bad',
        say(['下载失败：{why}', 'The download failed: {why}'], {
          why: troubleText(broken.error || broken.errorCode, say),
        }),
        runLink(['看运行', 'View the run'], `&open=${broken.id}`),
      )
    return
  }
  toast('warn', say(['还在下载，一分钟没有下完', 'Still downloading after a minute']), runLink())
}

/** Returns the trades that still wait or are being fetched, and, if the user may read runs, the runs that fetch them. */
async function look(followed: Pressed, tids: string) {
  const shopId = [...new Set(followed.map((row) => row.shopId))].join(',')
  const [waiting, fetching, runs] = await Promise.all([
    get('/download-queue', { tids, limit: followedMost }),
    get('/staged-trades', { tab: 'fetching', tids, limit: followedMost }),
    may('tasks.read') ? get('/task-runs', { kind: 'trade_detail', shopId, limit: 10 }) : { rows: [] },
  ])
  return { waiting: waiting.rows, fetching: fetching.rows, runs: runs.rows }
}

function runLink(words: LocalizedPair = ['看运行', 'View the runs'], more = '') {
  return { label: say(words), to: `/tasks?tab=trade_detail${more}` }
}

const may = (permission: string): boolean =>
  queries.getQueryData<Me>(meQuery.queryKey)?.permissions.includes(permission) === true
