/** The reason why there is no microphone, as a sentence that tells what to do. */
class NoMicrophone extends Error {}

const SPEECH: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** Requests the microphone. Throws `NoMicrophone`. */
export async function openMicrophone(constraints: MediaTrackConstraints = SPEECH): Promise<MediaStream> {
  // Undefined on insecure origins, contrary to the types.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new NoMicrophone(insecureOrigin());
  try {
    return await devices.getUserMedia({ audio: constraints, video: false });
  } catch (error) {
    throw new NoMicrophone(reasonOf(error), { cause: error });
  }
}

export function closeMicrophone(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function insecureOrigin(): string {
  const { port } = location;
  return (
    'Browsers allow the microphone only on pages from HTTPS or from the same machine. ' +
    `On the machine where offhook runs, open http://localhost${port && `:${port}`}${location.pathname}; ` +
    'from other machines, use HTTPS through a reverse proxy or a tunnel.'
  );
}

function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
      return (
        'The browser may not use the microphone. Click the icon to the left of the address, allow the microphone for ' +
        'this page, and try again. If it is allowed there, check the privacy settings of the operating system.'
      );
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'No microphone was found. Plug one in or switch it on, and try again.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The microphone cannot be read. Another program may be using it: close that program or reconnect the microphone, and try again.';
    case 'SecurityError':
      return 'The browser does not allow this page to use the microphone. Its settings or its administrator can allow it.';
    default:
      return `The microphone could not be opened (${name || String(error)}).`;
  }
}
