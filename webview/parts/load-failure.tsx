import { useWords } from '../app-context';
import { Button } from './button';

/** Why something could not be loaded, with a way to try again. */
export function LoadFailure({ message, onRetry }: { message: string; onRetry: () => void }) {
  const { strings } = useWords();
  return (
    <p class="load-failure" role="status">
      {strings.errorTitle}: {message}{' '}
      <Button look="link" onClick={onRetry}>
        {strings.retry}
      </Button>
    </p>
  );
}
