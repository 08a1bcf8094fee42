import type { CappedCount } from '../../api.ts'
import { useSay } from '../../words.ts'
import { Empty, LoadError } from '../base/empty.tsx'
import { scopeSetting } from '../base/store.ts'
import { emptyText } from './empty-words.ts'
import type { ListConfig } from './list-page.tsx'
import type { Rows } from './rows.ts'
import { useUrlState } from './search-params.ts'

/** The text in the place of the rows of a list that has none, or that could not be loaded. */
export function ListEmpty<Row extends { id: string }>(props: {
  list: Rows<Row>
  config: Pick<ListConfig<Row>, 'fields' | 'tabs'>
  tab: string
  counts?: Record<string, CappedCount> | undefined
}) {
  const say = useSay()
  const [search] = useUrlState()
  const scope = scopeSetting.use()
  const { list, config, tab, counts } = props
  if (list.error) return <LoadError error={list.error} onRetry={list.refetch} />
  const { title, remedy } = emptyText({ ...config, search, scope, tab, counts }, say)
  return <Empty title={title} {...(remedy === '' ? {} : { remedy })} />
}
