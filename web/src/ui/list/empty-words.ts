import type { LocalizedPair, Say } from '../../words.ts'
import type { Field } from './filters.ts'
import { listWords } from './list-words.ts'
import type { Search } from './search-params.ts'

type Empty = { title: LocalizedPair; remedy: LocalizedPair }
type Asked = {
  fields: readonly Field[]
  search: Search
  /** The shop that the user has chosen for all pages; empty: all. */
  scope: string
  tabs: readonly { key: string; empty?: Empty }[]
  tab: string
  /** How many rows each tab has under this filter; undefined: not known. */
  counts?: Readonly<Record<string, { count: number }>> | undefined
}

/**
 * Returns the text of a list without rows. Each choice that may hide rows is named by its own remedy, and the tab's text, which is about all
 * rows, is shown only if there is no such choice.
 */
export function emptyText(asked: Asked, say: Say): { title: string; remedy: string } {
  const { platform, remedies } = choicesOf(asked)
  const { tabs, tab, counts } = asked
  // A tab without a count may have rows.
  const offers = tabs.some(({ key }) => key !== tab && counts?.[key]?.count !== 0)
  const others: LocalizedPair[] = offers ? [listWords.otherTab] : []
  const own = tabs.find(({ key }) => key === tab)?.empty
  if (remedies.length === 0 && own) return { title: say(own.title), remedy: say(own.remedy) }
  const title =
    remedies.length === 0
      ? listWords.noneHere
      : platform && remedies.length === 1
        ? listWords.noneOfPlatform
        : listWords.noneMatch
  return {
    title: say(title),
    remedy: sentence(
      [...remedies, ...others].map((words) => say(words)),
      say,
    ),
  }
}

function choicesOf({ fields, search, scope }: Asked): { platform: boolean; remedies: LocalizedPair[] } {
  const isSet = ({ key }: Field) => (search[key] ?? '') !== ''
  const platform = fields.some((field) => field.kind === 'platforms' && isSet(field))
  const filters = fields.some((field) => field.kind !== 'platforms' && isSet(field))
  // A filter by shop takes the place of the shop that is chosen for all pages.
  const shop = scope !== '' && fields.some((field) => field.kind === 'shops' && !isSet(field))
  const remedies: [boolean, LocalizedPair][] = [
    [filters, listWords.lessFilters],
    [shop, listWords.allShopsRemedy],
    [platform, listWords.allPlatformsRemedy],
  ]
  return { platform, remedies: remedies.flatMap(([holds, words]) => (holds ? [words] : [])) }
}

/** "去掉一个筛选，看全部平台，或换一个标签页。" */
function sentence(parts: readonly string[], say: Say): string {
  const last = parts.at(-1)
  if (last === undefined) return ''
  const before = parts.slice(0, -1).join(say(['，', ', ']))
  const all = before === '' ? last : `${before}${say(['，或', ', or '])}${last}`
  return `${all.charAt(0).toUpperCase()}${all.slice(1)}${say(['。', '.'])}`
}
