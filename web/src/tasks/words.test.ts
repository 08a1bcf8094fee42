import assert from 'node:assert/strict'
import { test } from 'node:test'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { reportText, runAnswers, schedulesText } = await import('./words.ts')
const { say } = await import('../words.ts')

test('what a run could not read is said beside whatever else it reports', () => {
  const pulled = { notFound: ['261127-1'], failed: [], processed: [] }
  assert.equal(reportText(null, say), '')
  assert.equal(reportText({ parked: 2 }, say), '2 条异常数据')
  assert.equal(reportText(pulled, say), '没找到 1 个： 261127-1')
  assert.equal(reportText({ ...pulled, parked: 2 }, say), '没找到 1 个： 261127-1；2 条异常数据')
})

test('the schedule of several shops is said if all that are on have the same', () => {
  const every = (everySeconds: number, enabled = true) => ({ enabled, schedule: { everySeconds } })
  assert.equal(schedulesText([every(20), every(20)], say), '每 20 秒')
  assert.equal(schedulesText([every(20), every(300)], say), '各店不同，见设置')
  assert.equal(schedulesText([every(20), every(300, false)], say), '每 20 秒')
  assert.equal(schedulesText([every(20, false)], say), '没有开')
})

test('whether a failed run has lost anything is said by the kind of its task', () => {
  const failed = {
    shopId: null,
    errorCode: 'backup_refused',
    error: 'No backup was made: full',
    report: null,
  }
  const backup = runAnswers({ ...failed, kind: 'backup' }, say)
  assert.equal(backup.lost, '数据不会丢，但这次没有新的备份。')
  assert.equal(backup.happened, '这次没有做成。No backup was made: full')
  const refusal = { zh: '备份没有做：磁盘满了', en: 'No backup was made: full' }
  const worded = runAnswers({ ...failed, kind: 'backup', report: { refusal } }, say)
  assert.equal(worded.happened, '这次没有做成。备份没有做：磁盘满了')
  const download = { shopId: '1', errorCode: 'timeout', error: '', report: null }
  assert.match(runAnswers({ ...download, kind: 'refund_list' }, say).lost, /游标/)
  const others = ['trade_pull', 'sync_memos', 'auto_merge'].map(
    (kind) => runAnswers({ ...download, kind }, say).lost,
  )
  assert.deepEqual(others, [
    '不会。没下载到的，再下载一次。',
    '不会。没做完的，下一次运行接着做。',
    '不会。没做完的，下一次运行接着做。',
  ])
})

test('an ended authorisation promises windows only for downloads that have them', () => {
  const remedy = (kind: string) =>
    runAnswers({ kind, shopId: '1', errorCode: 'reauthorise', error: '', report: null }, say).remedy
  assert.deepEqual(['refund_list', 'trade_pull', 'listing_list'].map(remedy), [
    '请店主重新授权，约 1 分钟。之后自动补上缺的窗口。',
    '请店主重新授权，约 1 分钟。',
    '请店主重新授权，约 1 分钟。之后自动接着做。',
  ])
})
