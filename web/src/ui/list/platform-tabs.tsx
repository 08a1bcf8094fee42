import { useSay } from '../../words.ts'
import { usePlatforms } from '../base/session.ts'
import type { Field } from './filters.ts'
import { useUrlState } from './search-params.ts'
import { Tabs } from './tabs.tsx'

/** The platforms of the user's shops as tabs, if the list has a filter by platform and there are several. */
export function PlatformTabs({ fields }: { fields: readonly Field[] }) {
  const say = useSay()
  const platforms = usePlatforms()
  const [search, setSearch] = useUrlState()
  const field = fields.find(({ kind }) => kind === 'platforms')
  if (!field || platforms.length === 0) return null
  return (
    <div className="platform-tabs">
      <Tabs
        label={say(field.label)}
        tabs={[
          { key: '', title: ['全部平台', 'All platforms'] },
          ...platforms.map(({ id, name }) => ({ key: id, title: [name.zh, name.en] as const })),
        ]}
        value={search[field.key] ?? ''}
        onChange={(key) => setSearch({ [field.key]: key, open: '' })}
      />
    </div>
  )
}
