import type { LocalizedPair } from '../../lib/localized-text.ts'
import { declareList } from '../lists/declare-contract.ts'
import type { PlatformActionAnswer } from './contract.ts'

export const actionStateWords: Record<PlatformActionAnswer['state'], LocalizedPair> = {
  pending: ['等待发送', 'Waiting'],
  sending: ['发送中', 'Sending'],
  succeeded: ['成功', 'Succeeded'],
  failed: ['失败', 'Failed'],
  unknown: ['结果不明，在核实', 'Unclear, being looked at'],
  forced: ['强制成功', 'Forced'],
  manual: ['手工完成', 'Done by hand'],
  withdrawn: ['已撤回', 'Withdrawn'],
}

/** The kinds that the page offers as a filter. Those of the stock sync have a page of their own. */
export const actionKindWords: Record<string, LocalizedPair> = {
  'trade.ship': ['发货', 'Ship'],
  'trade.change_waybill': ['改运单', 'Change a waybill'],
  'trade.memo': ['备注', 'Memo'],
  'refund.agree': ['同意退款', 'Agree to refund'],
  'refund.refuse': ['拒绝退款', 'Refuse refund'],
  'refund.cancel': ['上报取消发货', 'Report stopped orders'],
  'return.receipt': ['确认收到退货', 'Confirm returned goods'],
}

/** 平台回写. The states that need a user come first; the menu shows their counts. */
export const actionList = declareList<PlatformActionAnswer>()({
  name: 'platform-actions',
  path: '/platform-actions',
  title: ['平台回写', 'Write-back'],
  permission: 'actions.read',
  summary: 'What was and will be done on platforms, newest first',
  tab: 'failed',
  tabKey: 'state',
  tabs: {
    failed: {
      words: actionStateWords.failed,
      empty: {
        title: ['没有失败的回写', 'No write-back failed'],
        remedy: [
          '失败的会列在这里，写明平台的答复。',
          "Failures are listed here with the platform's answer.",
        ],
      },
    },
    unknown: {
      words: ['结果不明', 'Unclear'],
      empty: {
        title: ['没有结果不明的', 'Nothing is unclear'],
        remedy: [
          '发出去没有回音的先核实，核实不了的在这里等人。',
          'What got no answer is looked at first; the rest waits here.',
        ],
      },
    },
    pending: { words: ['等待', 'Waiting'] },
    sending: { words: actionStateWords.sending },
    succeeded: { words: actionStateWords.succeeded },
    forced: { words: actionStateWords.forced, unseen: true },
    manual: { words: actionStateWords.manual, unseen: true },
    withdrawn: { words: actionStateWords.withdrawn, unseen: true },
  },
  sorts: [],
  sort: '-id',
  filters: {
    shopId: { words: ['店铺', 'Shop'], kind: 'shops' },
    kind: { words: ['动作', 'Action'], kind: 'choices', choices: actionKindWords },
    needsPerson: { words: ['要人核实', 'Needs a person'], kind: 'flag' },
    /** Stock sync sends far more actions than any other kind, so a list can leave them out. */
    stock: {
      words: ['库存', 'Stock'],
      kind: 'choices',
      choices: { without: ['不含', 'Without'], only: ['只看', 'Only'] },
      one: true,
      unseen: true,
    },
    subjectType: { words: ['对象类型', 'Kind of subject'], kind: 'text', unseen: true },
    subjectId: { words: ['对象', 'Subject'], kind: 'text', unseen: true },
  },
  columns: [
    {
      key: 'created',
      words: ['时间', 'Time'],
      page: { width: '120px', fixed: true },
    },
    {
      key: 'kind',
      words: ['动作', 'Action'],
      of: (row, language) => row.kindName[language],
      page: { width: 'minmax(120px,140fr)' },
    },
    { key: 'shop', words: ['店铺', 'Shop'], page: { width: 'minmax(180px,220fr)' } },
    { key: 'subject', words: ['对象', 'Subject'], page: { width: 'minmax(200px,300fr)' } },
    { key: 'by', words: ['谁', 'By'], page: { width: 'minmax(80px,100fr)' } },
    { key: 'attempt', words: ['次数', 'Tries'], page: { width: '64px', align: 'right' } },
    { key: 'next', words: ['再试', 'Next'], page: { width: '110px', align: 'right' } },
  ],
})
