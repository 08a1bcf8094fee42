import { printClients } from '../../../server/carriers/print-clients-contract.ts'
import type { droppedFor } from '../../../server/fulfilment/printing/contract.ts'
import type { LocalizedPair, Say } from '../words.ts'
import type { PrintJob } from './types.ts'

const clients: Readonly<Record<string, { name: { zh: string; en: string } }>> = printClients

/** Why a label was not handed over: the print client of its source does not run on this computer. */
export function missingClient(source: string): LocalizedPair {
  const { zh, en } = clients[source]?.name ?? { zh: source, en: source }
  return [`${zh}打印组件没开`, `the print client of ${en} does not run`]
}

/** The clerk's word for the labels that the browser has printed. */
export const allOut: LocalizedPair = ['{n} 张都出来了', 'All {n} came out']

export const lookingForClient: LocalizedPair = [
  '正在找这台电脑上的{names}打印组件，最多 5 秒。没找到就打开它，再打一次。',
  'Looking for the print client of {names} on this computer, for 5 seconds at most. If there is none, start it and print again.',
]

/** 菜鸟、拼多多或抖店 */
export const namesOfClients = (say: Say) =>
  new Intl.ListFormat(say(['zh', 'en']), { type: 'disjunction' }).format(
    Object.values(clients).map(({ name }) => say(name)),
  )

const droppedWords: Record<keyof typeof droppedFor, LocalizedPair> = {
  stopped: ['{n} 张没打，单被拦下了：{nos}', '{n} not printed, stopped: {nos}'],
  elsewhere: ['{n} 张在后来的打印里：{nos}', '{n} in a later print job: {nos}'],
}

/** Says which labels of a job were left out although its clerk did not stop it, and why; empty: none. */
export const leftOutText = (
  rows: readonly Pick<PrintJob['rows'][number], 'no' | 'state' | 'message'>[],
  say: Say,
): string =>
  (['stopped', 'elsewhere'] as const)
    .flatMap((why) => {
      const some = rows.filter(({ state, message }) => state === 'dropped' && message === why)
      const nos = [...new Set(some.map(({ no }) => no))].join(say(['、', ', ']))
      return some.length > 0 ? say(droppedWords[why], { n: some.length, nos }) : []
    })
    .join(say(['；', '; ']))

export const templatesWords: LocalizedPair = ['打印模板', 'Print templates']

export type Refused = {
  id: string
  code?: string | undefined
  message?: { zh: string; en: string } | undefined
}

export const reasonsOf = (refused: readonly Refused[], say: Say) =>
  [...Map.groupBy(refused, ({ message }) => (message ? say(message) : ''))]
    .map(([why, some]) =>
      say(['{n} 单不能打：{why}', '{n} cannot be printed: {why}'], { n: some.length, why }),
    )
    .join(' ')

/** Said when a dialog was closed and the print client stayed silent. */
export const noAnswer: LocalizedPair = [
  '打印组件没有回音，最后一张不知道打出来没有。到打单发货里核对没打完的打印。',
  'The print client did not answer, and the last label may have come out. Check the unfinished printing under Print and ship.',
]
