import { type CSSProperties, type RefObject, useMemo } from 'react'
import { useOverlayPosition } from 'react-aria/useOverlayPosition'

type Placing = {
  placement: 'bottom left' | 'bottom right' | 'right top' | 'top left'
  offset: number
  maxHeight?: number
}

/** Places a panel at its anchor, on the requested side; without space there, on the other. */
export function usePlace(
  anchor: HTMLElement | null,
  overlayRef: RefObject<HTMLElement | null>,
  placing: Placing,
): CSSProperties {
  const targetRef = useMemo(() => ({ current: anchor }), [anchor])
  const { overlayProps } = useOverlayPosition({
    ...placing,
    targetRef,
    overlayRef,
    containerPadding: 8,
    isOpen: true,
  })
  // The style sheets decide about layers.
  return { ...overlayProps.style, zIndex: undefined }
}
