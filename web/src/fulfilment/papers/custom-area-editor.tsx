import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import {
  type CustomMap,
  customData,
  customFields,
  customFieldWords,
  customValues,
  usualField,
} from '../../../../server/fulfilment/waybills/custom-area-rules.ts'
import { errorText, get, put } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { LoadError, Note } from '../../ui/base/empty.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { withMod } from '../../ui/base/mod-key.ts'
import { useShop } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { Choice } from '../../ui/form/form.tsx'
import { Unsaved } from '../../ui/form/unsaved.tsx'
import { PageHead } from '../../ui/list/tabs.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { templatesWords } from '../print-words.ts'
import { useCourierName } from '../query.ts'
import type { WaybillAccount } from '../types.ts'
import { wrap } from './layout/measure.ts'
import { useNewest } from './sample.tsx'
import './sheet.css'

const areaWords: LocalizedPair = ['面单自定义区', 'Custom area of labels']

/** 面单自定义区: which area of the seller's the print client lays over the labels of an account, and what fills its keys. */
export function CustomAreaEditor(props: {
  account: WaybillAccount
  why: string | undefined
  side: ReactNode
  onDirty: (dirty: boolean) => void
}) {
  const say = useSay()
  const { account, onDirty } = props
  const { url, setUrl, keys, setKeys, dirty, save } = useArea(account)
  const courier = useCourierName()(account.courier)
  const shop = useShop(account.shopId)?.name ?? ''
  useEffect(() => onDirty(dirty), [dirty, onDirty])
  const why = props.why ?? (dirty ? undefined : say(['没有改动', 'Nothing is changed']))
  useKeys([{ key: 'mod+s', words: shared.save, run: () => why === undefined && save.mutate() }])
  const sample = useNewest().rows[0]
  const values = sample && customValues([{ ...sample, lines: sample.goods }], shop)
  return (
    <>
      <Unsaved dirty={dirty} />
      <PageHead title={say(templatesWords)} sub={`${say(areaWords)} › ${courier} · ${shop}`}>
        <Button
          kind="primary"
          letter={withMod('S')}
          action="save-area"
          why={why}
          busy={save.isPending}
          onClick={() => save.mutate()}
        >
          {say(shared.save)}
        </Button>
      </PageHead>
      <div className="paper-desk">
        {props.side}
        <div className="paper-canvas">
          {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
          <div className="paper-sheets">
            <AreaPicture courier={courier} data={values && url !== '' ? customData(keys, values) : {}} />
          </div>
          <p className="t2 small">
            {say([
              '上半部由快递规定。自定义区的样子在平台的编辑器里设计，这里只定每个键填什么；要看最终效果，用打印组件的预览。',
              'The courier rules the upper part. The look of the area is designed in the platform’s own editor; here only its keys are filled. Its final look is shown by the print client.',
            ])}
          </p>
        </div>
        <AreaForm {...{ account, url, setUrl, keys, setKeys }} why={props.why} />
      </div>
    </>
  )
}

/** The area of the account and what fills its keys, as they are edited. */
function useArea(account: WaybillAccount) {
  const say = useSay()
  const queries = useQueryClient()
  const [url, setUrl] = useState(account.customAreaUrl)
  const [keys, setKeys] = useState<CustomMap>(account.customArea)
  const save = useMutation({
    mutationFn: () => put('/waybill-accounts/:id/custom-area', { areaUrl: url, keys }, { id: account.id }),
    onSuccess: () => {
      toast('ok', say(['自定义区已保存，下一张面单就用', 'Saved: used from the next label']))
      return queries.invalidateQueries({ queryKey: ['waybill-accounts'] })
    },
  })
  const dirty = url !== account.customAreaUrl || !areSame(keys, account.customArea)
  return { url, setUrl, keys, setKeys, dirty, save }
}

type AreaFormProps = { account: WaybillAccount; why: string | undefined } & Pick<
  ReturnType<typeof useArea>,
  'url' | 'setUrl' | 'keys' | 'setKeys'
>

/** Chooses one of the seller's areas, which the platform names, and what fills its keys. */
function AreaForm({ account, why, url, setUrl, keys, setKeys }: AreaFormProps) {
  const say = useSay()
  const asked = useQuery({
    queryKey: ['custom-areas', account.id],
    queryFn: () => get('/waybill-accounts/:id/custom-areas', { id: account.id }),
    enabled: why === undefined,
    ...{ retry: false, staleTime: 60_000, refetchOnWindowFocus: false },
  })
  const areas = asked.data?.rows ?? []
  const keysOf = (chosen: string) => areas.find((area) => area.url === chosen)?.keys ?? []
  const choose = (next: string) => {
    setUrl(next)
    const fields = keysOf(next).map((key) => ({ key, field: usualField(key) }))
    setKeys(Object.fromEntries(fields.flatMap(({ key, field }) => (field ? [[key, field]] : []))))
  }
  const names = [...new Set([...keysOf(url), ...Object.keys(keys)])]
  return (
    <fieldset className="paper-form" disabled={why !== undefined} aria-label={say(areaWords)}>
      {asked.error && <LoadError error={asked.error} onRetry={() => void asked.refetch()} />}
      <Choice
        label={say(['自定义区', 'Custom area'])}
        value={url}
        hint={asked.isFetching ? say(['在问平台…', 'Asking the platform…']) : account.templateName}
        options={[
          { value: '', label: say(['不用', 'None']) },
          ...areas.map((area) => ({ value: area.url, label: `${say(['编号', 'No.'])} ${area.id}` })),
          ...(url === '' || areas.some((area) => area.url === url)
            ? []
            : [{ value: url, label: say(['现在用的', 'The present one']) }]),
        ]}
        onChange={choose}
      />
      {url !== '' && <KeyFields names={names} keys={keys} onChange={setKeys} />}
    </fieldset>
  )
}

/** True if both fill the same keys alike. The database keeps keys in an order of its own. */
function areSame(one: CustomMap, other: CustomMap): boolean {
  const sorted = (keys: CustomMap) => JSON.stringify(Object.entries(keys).toSorted())
  return sorted(one) === sorted(other)
}

function KeyFields(props: {
  names: readonly string[]
  keys: CustomMap
  onChange: (keys: CustomMap) => void
}) {
  const say = useSay()
  return (
    <>
      <h3>{say(['每个键填什么', 'What fills each key'])}</h3>
      {props.names.map((name) => (
        <Choice
          key={name}
          label={name}
          value={props.keys[name] ?? ('' as const)}
          options={[
            { value: '', label: say(['空着', 'Left empty']) },
            ...customFields.map((key) => ({ value: key, label: say(customFieldWords[key]) })),
          ]}
          onChange={(field) => {
            const { [name]: _, ...others } = props.keys
            props.onChange(field === '' ? others : { ...others, [name]: field })
          }}
        />
      ))}
    </>
  )
}

const [width, height, areaTop] = [76, 130, 90]
const pt = 9

/** A label of 76 × 130 mm: the courier's part hatched and locked, below it the custom area with the texts that are sent for its keys. */
function AreaPicture({ courier, data }: { courier: string; data: Readonly<Record<string, string>> }) {
  const say = useSay()
  const lines = Object.entries(data).flatMap(([key, text]) =>
    wrap(`${key}: ${text || '–'}`, { width: width - 6, pt, most: 4 }).lines.map((line, at) => ({
      id: `${key}/${at}`,
      line,
    })),
  )
  return (
    <svg
      className="paper-sheet"
      role="img"
      aria-label={say(['面单预览', 'Preview of the label'])}
      width={`${width}mm`}
      height={`${height}mm`}
      viewBox={`0 0 ${width} ${height}`}
    >
      <defs>
        <pattern id="locked" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="0.25" height="3" fill="#c9cacc" />
        </pattern>
      </defs>
      <rect width={width} height={areaTop} fill="#f8f8f6" />
      <rect width={width} height={areaTop} fill="url(#locked)" />
      <rect y={areaTop} width={width} height={0.3} fill="#8e9198" />
      <text x={4} y={12} fontSize={6} fontWeight={700} fill="#696d75">
        {courier}
      </text>
      <rect x={16} y={38} width={44} height={9} rx={1.5} fill="#ffffff" stroke="#c9cacc" strokeWidth={0.2} />
      <text x={width / 2} y={44} fontSize={3.6} textAnchor="middle" fill="#50535a">
        {say(['快递规定，不能改', 'Set by the courier'])}
      </text>
      <rect
        x={2}
        y={areaTop + 2}
        width={width - 4}
        height={height - areaTop - 4}
        fill="none"
        stroke="#3450c4"
        strokeWidth={0.2}
        strokeDasharray="1 1"
      />
      {lines.slice(0, 9).map(({ id, line }, at) => (
        <text key={id} x={3} y={areaTop + 6 + at * 4} fontSize={3.1}>
          {line}
        </text>
      ))}
    </svg>
  )
}
