#include "connectors/registry/registry.h"

#include "connectors/http/http_connector.h"
#include "connectors/openapi/openapi_connector.h"
#include "connectors/process/script_connector.h"
#include "connectors/process/shell_connector.h"

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace cairn {

std::map<std::string, std::unique_ptr<Connector>> make_connectors(const boost::asio::any_io_executor& executor,
                                                                  ConnectorOptions options) {
  const auto client = std::make_shared<HttpClient>(executor, std::move(options.http));
  std::map<std::string, std::unique_ptr<Connector>> connectors;
  connectors.emplace("http", make_http_connector(client));
  connectors.emplace("openapi", make_openapi_connector(client));
  connectors.emplace("shell", make_shell_connector(executor));
  connectors.emplace("script", make_script_connector(client));
  return connectors;
}

}  // namespace cairn
