import type { Row } from '../../core/db/rows.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { chinaMinute } from '../../lib/time.ts'

type Language = keyof LocalizedText
/** One notice with the words of its alarm. */
export type Notice = Row<'alarm_notice', 'recordId' | 'what'> &
  Row<'alarm_record', 'alarmId' | 'kind' | 'tone' | 'page' | 'documents' | 'shopId' | 'beganAt' | 'endedAt'> &
  Record<'title' | 'detail', LocalizedText>
type NoticeWhat = Notice['what']

export type Message = { title: string; text: string }

/** More alarms of one kind than this are one paragraph. */
const eachOfKind = 3

/**
 * Returns the one message about all these notices. `longest`: the most bytes of its text; alarms that do not fit are counted in the last
 * line, which links to the overview.
 */
export function messageOf(
  notices: readonly Notice[],
  { language, publicUrl, longest }: { language: Language; publicUrl: string; longest: number },
): Message {
  const title = titleOf(notices, language)
  const rest = (count: number) =>
    `${{ zh: `另有 ${count} 条，见总览`, en: `${count} more, see the overview` }[language]}\n${publicUrl}/`
  // The last line may be needed, so its room is kept free.
  const room = longest - Buffer.byteLength(`${title}\n\n${rest(notices.length)}\n\n`)
  const written: string[] = []
  let bytes = 0
  let left = notices.length
  for (const { text, covers } of paragraphsOf(notices, language, publicUrl)) {
    bytes += Buffer.byteLength(`${text}\n\n`)
    if (bytes > room) break
    written.push(text)
    left -= covers
  }
  // The title of a message about one alarm is the first line of its only paragraph.
  const head = notices.length > 1 ? [title] : []
  return { title, text: [...head, ...written, ...(left > 0 ? [rest(left)] : [])].join('\n\n') }
}

const marks: Record<NoticeWhat, LocalizedText> = {
  bad: { zh: '严重', en: 'Severe' },
  warn: { zh: '提醒', en: 'Warning' },
  ended: { zh: '恢复', en: 'Recovered' },
}
const whats = ['bad', 'warn', 'ended'] as const

const marked = ({ what, title }: Notice, language: Language) =>
  ({ zh: `【${marks[what].zh}】${title.zh}`, en: `[${marks[what].en}] ${title.en}` })[language]

function titleOf(notices: readonly Notice[], language: Language): string {
  const [only, ...more] = notices
  if (only && more.length === 0) return marked(only, language)
  const counts = whats.flatMap((what) => {
    const count = notices.filter((notice) => notice.what === what).length
    if (count === 0) return []
    return [{ zh: `${count} 条${marks[what].zh}`, en: `${count} ${marks[what].en.toLowerCase()}` }[language]]
  })
  return { zh: `【三易告警】${counts.join('，')}`, en: `[Sanyi alarms] ${counts.join(', ')}` }[language]
}

/** Returns the paragraphs, the severe alarms first, then the warnings, then the recoveries. */
function paragraphsOf(notices: readonly Notice[], language: Language, publicUrl: string) {
  const groups = new Map<string, Notice[]>()
  for (const what of whats)
    for (const notice of notices) {
      if (notice.what !== what) continue
      const key = `${what}:${notice.kind}`
      groups.set(key, [...(groups.get(key) ?? []), notice])
    }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    if (group.length <= eachOfKind)
      return group.map((notice) => ({ text: paragraph(notice, language, publicUrl), covers: 1 }))
    const all = { zh: `（同类共 ${group.length} 条）`, en: ` (${group.length} of this kind)` }[language]
    return [{ text: paragraph(first, language, publicUrl, all), covers: group.length }]
  })
}

function paragraph(notice: Notice, language: Language, publicUrl: string, all = ''): string {
  const { what, detail, page, beganAt, endedAt } = notice
  const head = `${marked(notice, language)}${all}`
  if (what !== 'ended') return [head, detail[language], publicUrl + page].join('\n')
  const [from, to] = [chinaMinute(beganAt), chinaMinute(endedAt ?? beganAt)]
  return `${head}\n${{ zh: `从 ${from} 到 ${to}`, en: `from ${from} to ${to}` }[language]}`
}

/** Returns the message of the test button. */
export function testMessage(
  language: Language,
  { name, publicUrl }: { name: string; publicUrl: string },
): Message {
  const title = { zh: '【测试】三易告警通知', en: '[Test] Sanyi alarm notices' }[language]
  const text = {
    zh: `“${name}” 能收到告警。`,
    en: `“${name}” receives alarms.`,
  }[language]
  return { title, text: `${title}\n${text}\n${publicUrl}/` }
}
