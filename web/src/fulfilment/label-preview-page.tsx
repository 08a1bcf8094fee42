import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isPlainLabel } from '../../../server/carriers/plain-label-contract.ts'
import type { LabelPreview } from '../../../server/carriers/print-protocol-contract.ts'
import type { LocalizedText } from '../../../server/lib/localized-text.ts'
import { post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { count } from '../ui/base/figures.tsx'
import { shared } from '../ui/base/words.ts'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { type Say, useSay } from '../words.ts'
import { connectPrinting, laidOver } from './browser-prints.ts'
import { SheetsShown } from './papers/sheets-shown.tsx'
import { givenIn, usePlainPapers } from './plain-labels.tsx'
import { namesOfClients } from './print-words.ts'

type Row = { id: string; no: string; packageCount: number }
type Drawing = LabelPreview | LocalizedText | string
type Shown = { preview: Drawing } | { contents: readonly unknown[] }

/** A print client that draws nothing within this time is given up. */
const drawMs = 10_000

/** 预览面单: the labels of these deliveries, of each package one, one at a time, as their print clients draw them. Plain labels are laid out by our own template. */
export default function LabelPreviewDialog({ rows, onClose }: { rows: readonly Row[]; onClose: () => void }) {
  const say = useSay()
  const [at, setAt] = useState(0)
  const labels = rows.flatMap(({ id: of, no, packageCount }) =>
    Array.from({ length: packageCount }, (_, n) => ({
      ...{ id: of, n: n + 1 },
      no: packageCount > 1 ? `${no} ${n + 1}/${packageCount}` : no,
    })),
  )
  const { id, n, no } = labels[at] ?? { id: '', n: 1, no: '' }
  const { data, error, refetch } = useQuery({
    queryKey: ['label', id, n],
    queryFn: () => labelOf(id, n, say),
    retry: false,
    // Each look is a row of the audit log, and the receiver is not kept.
    ...{ staleTime: Number.POSITIVE_INFINITY, gcTime: 0, refetchOnWindowFocus: false },
  })
  const go = (by: number) => setAt(Math.min(labels.length - 1, Math.max(0, at + by)))
  const title = say(['预览面单 {no}', 'Label of {no}'], { no })
  return (
    <Dialog
      title={title}
      label={title}
      keys={[
        { key: 'ArrowLeft', run: () => go(-1) },
        { key: 'ArrowRight', run: () => go(1) },
      ]}
      onClose={onClose}
      foot={
        <>
          {labels.length > 1 && <Steps at={at} total={labels.length} go={go} />}
          <Button kind="primary" autoFocus onClick={onClose}>
            {say(shared.close)}
          </Button>
        </>
      }
    >
      {error ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <p className="t3" aria-busy="true">
          {say(['打印组件在画面单…', 'The print client is drawing the label…'])}
        </p>
      ) : 'contents' in data ? (
        <PlainLabel contents={data.contents} />
      ) : (
        <Drawn preview={data.preview} />
      )}
    </Dialog>
  )
}

function Steps({ at, total, go }: { at: number; total: number; go: (by: number) => void }) {
  const say = useSay()
  const noneBefore = at === 0 ? say(['已是第一张', 'This is the first one']) : undefined
  const noneAfter = at === total - 1 ? say(['已是最后一张', 'This is the last one']) : undefined
  return (
    <>
      <span className="t3 num">{`${count(at + 1)} / ${count(total)}`}</span>
      <Button why={noneBefore} onClick={() => go(-1)}>
        {say(['上一张 ←', '← Previous'])}
      </Button>
      <Button why={noneAfter} onClick={() => go(1)}>
        {say(['下一张 →', 'Next →'])}
      </Button>
    </>
  )
}

function Drawn({ preview }: { preview: Drawing }) {
  const say = useSay()
  if (typeof preview === 'string')
    return (
      <Note tone="warn">{preview || say(['打印组件没有给出预览', 'The print client gave no preview'])}</Note>
    )
  if ('zh' in preview) return <Note tone="ok">{say(preview)}</Note>
  return preview.isPicture ? (
    <img className="label-picture" src={preview.url} alt={say(['电子面单', 'Label'])} />
  ) : (
    <a href={preview.url} target="_blank" rel="noreferrer">
      {say(['打开预览（PDF）', 'Open the preview (PDF)'])}
    </a>
  )
}

function PlainLabel({ contents }: { contents: readonly unknown[] }) {
  const { papers, error } = usePlainPapers(givenIn({ contents }))
  if (error) return <LoadError error={error} onRetry={() => location.reload()} />
  return papers ? <SheetsShown papers={papers} /> : <p aria-busy="true" />
}

async function labelOf(id: string, n: number, say: Say): Promise<Shown> {
  const { source, contents } = await post('/deliveries/:id/label', { package: n }, { id })
  if (isPlainLabel(source)) return { contents }
  const client = await connectPrinting().catch(() => undefined)
  if (!client)
    return {
      preview: say(
        [
          '没连打印组件：打开这台电脑上的{names}打印组件再看',
          'No print client: start that of {names} on this computer',
        ],
        { names: namesOfClients(say) },
      ),
    }
  const late = new Promise<string>((resolve) => setTimeout(() => resolve(''), drawMs))
  try {
    const [document] = await laidOver([{ documentId: `preview-${id}-${n}`, source, contents }])
    return { preview: document ? await Promise.race([client.preview(document), late]) : '' }
  } finally {
    client.close()
  }
}
