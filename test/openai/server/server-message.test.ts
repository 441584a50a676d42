import { describe, expect, test } from 'vitest';
import { readServerMessage } from '../../../src/openai/server/server-message.ts';

describe('the message of an error response', () => {
  test.each([
    [
      'OpenAI',
      '{"error":{"message":"No such model.","type":"invalid_request_error","param":"model","code":"model_not_found"}}',
      { message: 'No such model.', code: 'model_not_found', param: 'model', shape: 'error' },
    ],
    [
      'NestJS',
      '{"statusCode":400,"error":"Bad Request","message":["model must be a string"]}',
      { message: '["model must be a string"]', shape: 'error' },
    ],
    [
      'Spring',
      '{"status":500,"error":"Internal Server Error","message":"no such voice","path":"/v1"}',
      { message: 'no such voice', shape: 'error' },
    ],
    ['an error that is true', '{"error":true,"message":"boom"}', { message: 'boom', shape: 'error' }],
    ['Apigee', '{"fault":{"faultstring":"Invalid ApiKey"}}', { message: 'Invalid ApiKey', shape: 'error' }],
    // https://docs.apigee.com/api-platform/fundamentals/understanding-routes
    [
      'Apigee with a code',
      '{"fault":{"faultstring":"Rate limit quota violation","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}',
      { message: 'Rate limit quota violation', shape: 'error' },
    ],
    ['AWS Lambda', '{"errorMessage":"timed out"}', { message: 'timed out', shape: 'message' }],
    [
      'a detail in an error',
      '{"error":{"detail":"out of memory"}}',
      { message: 'out of memory', shape: 'error' },
    ],
    ['Ollama', '{"error":"model \'x\' not found"}', { message: "model 'x' not found", shape: 'error' }],
    [
      'vLLM before 0.10',
      '{"object":"error","message":"Conversation roles must alternate","type":"BadRequestError","param":null,"code":400}',
      { message: 'Conversation roles must alternate', code: '400', shape: 'message' },
    ],
    [
      'Gemini',
      '[{"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT"}}]',
      { message: 'Invalid value', code: '400', shape: 'error' },
    ],
    [
      'speaches',
      '{"detail":"Model \'x\' is not installed locally. You can download the model using POST /v1/models"}',
      {
        message: "Model 'x' is not installed locally. You can download the model using POST /v1/models",
        shape: 'detail',
      },
    ],
    [
      'pydantic',
      '{"detail":[{"type":"literal_error","loc":["body","response_format"],"msg":"Input should be \'wav\'"}]}',
      { message: "Input should be 'wav'", param: 'response_format', code: 'literal_error', shape: 'detail' },
    ],
    [
      'Kokoro-FastAPI',
      '{"detail":{"error":"validation_error","message":"Voice not found","type":"invalid_request_error"}}',
      { message: 'Voice not found', code: 'invalid_request_error', shape: 'detail' },
    ],
    [
      'OpenRouter',
      '{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\\"error\\":{\\"message\\":\\"too long\\"}}"}}}',
      { message: 'Provider returned error too long', code: '400', shape: 'error' },
    ],
    [
      'Cloudflare',
      '{"success":false,"errors":[{"code":5007,"message":"No such model"}]}',
      { message: 'No such model', code: '5007', shape: 'error' },
    ],
    [
      'a proxy',
      '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
      { message: 'an HTML page: 502 Bad Gateway', shape: 'html' },
    ],
    [
      'a page without a title',
      '<html><script>x()</script><h1>Sign  in</h1></html>',
      { message: 'an HTML page: Sign in', shape: 'html' },
    ],
    [
      'an XML document (Azure API Management, S3)',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
      { message: 'an XML document: AccessDenied Access Denied', shape: 'html' },
    ],
    [
      'a text',
      'upstream connect error\n or disconnect',
      { message: 'upstream connect error or disconnect', shape: 'text' },
    ],
    ['a byte order mark', '\uFEFF{"error":{"message":"x"}}', { message: 'x', shape: 'error' }],
    ['JSON of no known shape', '{"status":"bad"}', { message: '{"status":"bad"}', shape: 'message' }],
    ['damaged JSON', '{"error":{"mess', { message: '{"error":{"mess', shape: 'text' }],
  ] as const)('of %s is read', (_, body, expected) => {
    expect(readServerMessage(body)).toMatchObject(expected);
  });

  test('is undefined without a body, and never long', () => {
    expect(readServerMessage('  ')).toMatchObject({ message: undefined, shape: 'empty' });
    expect(readServerMessage('x'.repeat(10_000)).message).toHaveLength(301);
  });
});
