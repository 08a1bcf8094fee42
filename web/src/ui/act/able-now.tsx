import { useQuery } from '@tanstack/react-query'
import { getExactly, getUpTo, type Query } from '../../api.ts'
import { useSay } from '../../words.ts'
import { cappedCount } from '../base/figures.tsx'
import type { RowAction } from './actions.ts'

/** Shows to how many rows of the filter the action can be applied now. The others will be refused with a reason. */
export function AbleNow({
  able: { list, filter: now, most, words = ['其中现在能做的 {n} 条', '{n} of them can be done now'] },
  filter,
}: {
  able: NonNullable<RowAction<never>['able']>
  filter: Record<string, unknown>
}) {
  const say = useSay()
  const none = Object.entries(now).some(([field, value]) => {
    const asked = filter[field]
    return typeof asked === 'string' && asked !== '' && asked !== 'all' && !asked.split(',').includes(value)
  })
  const query = { ...filter, ...now } as Query
  const { data } = useQuery({
    queryKey: [list, 'count', query, most],
    queryFn: async () =>
      most === undefined ? { ...(await getExactly(list, query)), capped: false } : getUpTo(list, query, most),
    enabled: !none,
  })
  const able = none ? { count: 0, capped: false } : data
  return able ? <p className="num">{say(words, { n: cappedCount(able) })}</p> : null
}
