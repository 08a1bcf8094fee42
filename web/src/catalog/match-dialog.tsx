import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { get } from '../api.ts'
import { ShopLabel } from '../intake/cells.tsx'
import type { FormProps } from '../ui/act/actions.ts'
import { Money } from '../ui/base/figures.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { useSay } from '../words.ts'
import { ListingCell } from './listing-cells.tsx'
import { SkuSearch } from './sku-search.tsx'
import type { ListingRow, SkuRow } from './types.ts'
import './catalog.css'

/**
 * 匹配: chooses the SKU of a listing. Likely SKUs are listed first, those with the same spec and price at the top. None is preselected,
 * because a wrong match ships wrong goods.
 */
export function MatchDialog({ rows, count, onSubmit, onClose }: FormProps<'/listings/match', ListingRow>) {
  const say = useSay()
  const [first] = rows
  const [picked, setPicked] = useState<SkuRow>()
  const suggestions = useQuery({
    queryKey: ['/listings', 'suggestions', first?.id],
    queryFn: () => get('/listings/:id/suggestions', { id: first?.id ?? '' }),
    enabled: first !== undefined,
  })
  const suggested = suggestions.isLoading ? undefined : (suggestions.data?.rows ?? [])
  const take = (sku: SkuRow) => onSubmit({ skuId: sku.id })
  const title = say(['匹配 {n} 个平台商品', 'Match {n} {n|listing|listings}'], { n: count })
  return (
    <FormDialog
      title={title}
      act={picked ? say(['匹配 {code}', 'Match {code}'], { code: picked.code }) : say(['匹配', 'Match'])}
      why={picked ? undefined : say(['先选一个 SKU', 'Choose a SKU first'])}
      wide
      onSubmit={() => picked && take(picked)}
      onClose={onClose}
    >
      {first && (
        <div className="match-what">
          <ListingCell listing={first} />
          <span className="t2">{first.outerSkuId || first.outerItemId}</span>
          {first.priceFen !== null && <Money fen={first.priceFen} />}
          <span className="t3 small">
            <ShopLabel id={first.shopId} short />
          </span>
        </div>
      )}
      {count > 1 && (
        <p className="t2">
          {say(['{n} 个都匹配到同一个 SKU。', 'All {n} are matched with the same SKU.'], { n: count })}
        </p>
      )}
      <SkuSearch
        label={say(['找 SKU', 'Find a SKU'])}
        suggested={suggested}
        strict
        chosen={picked?.id}
        onChoose={setPicked}
        onTake={take}
        differsFrom={first}
      />
    </FormDialog>
  )
}
