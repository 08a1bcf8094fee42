import { useQuery } from '@tanstack/react-query'
import { useSay } from '../../words.ts'
import { connectorsQuery, usePlatforms, useShops } from '../base/session.ts'
import type { Field } from './filters.ts'
import { useUrlState } from './search-params.ts'
import { Tabs } from './tabs.tsx'

/**
 * The platforms of the user's shops as tabs, if the list has a filter by platform and there are several. Other platforms, which a
 * link or a saved view may ask for, have one tab (其他平台), because a filter that the page does not show would make the list look empty.
 */
export function PlatformTabs({ fields }: { fields: readonly Field[] }) {
  const say = useSay()
  const platforms = usePlatforms()
  const shops = useShops()
  const isLoaded = useQuery(connectorsQuery).isSuccess && shops.length > 0
  const [search, setSearch] = useUrlState()
  const field = fields.find(({ kind }) => kind === 'platforms')
  const value = search[field?.key ?? ''] ?? ''
  const isOther = isLoaded && value !== '' && !platforms.some(({ id }) => id === value)
  if (!field || (platforms.length === 0 && !isOther)) return null
  return (
    <div className="platform-tabs">
      <Tabs
        label={say(field.label)}
        tabs={[
          { key: '', title: ['全部平台', 'All platforms'] },
          ...platforms.map(({ id, name }) => ({ key: id, title: [name.zh, name.en] as const })),
          ...(isOther ? [{ key: value, title: ['其他平台', 'Other platforms'] as const }] : []),
        ]}
        value={value}
        onChange={(key) => setSearch({ [field.key]: key, open: '' })}
      />
    </div>
  )
}
